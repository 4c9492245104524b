"""Passwords that everybody tries first: lower case, letters and digits, as they are compared.

What is repeated, ends in a few digits or is spelled with look-alikes is found by the comparison.
"""

_WORDS = """
12345 123456 1234567 12345678 123456789 1234567890 0123456789 987654321 9876543210 123123 123321 654321
666666 696969 111111 121212 112233 159753 147258369 741852963 789456123 1q2w3e 1q2w3e4r 1q2w3e4r5t
1q2w3e4r5t6y 1qaz2wsx 1qaz2wsx3edc 1qazxsw2 zaq12wsx zaq1zaq1 q1w2e3r4 q1w2e3r4t5 qazwsx qazwsxedc qwe123
qweasd qweasdzxc qweqwe a1b2c3 a1b2c3d4 abc123 abc12345 abcd1234 abcdef abcdefg abcdefgh asd123 asdasd
asdf1234 asdfgh asdfghjkl asdqwe123 zxc123 zxcvbn zxcvbnm qwert qwerty qwerty123 qwerty12345 qwertyuiop
qwertz azerty azertyuiop 123abc 123qwe 123456a 123456q a123456 a123456789 q123456 aa123456 1a2b3c 1a2b3c4d
11223344 5201314 7777777 88888888 99999999 00000000 password passwort passw0rd pa55word passwd pass
passphrase mypassword thepassword newpassword oldpassword yourpassword password1 password12 password123
password1234 password12345 passwordpassword nopassword changepassword changeme changemenow changeit
pleasechangeme letmein letmeinnow letmeinplease openup opensesame secret mysecret topsecret supersecret
verysecret secretpassword secretsecret hunter2 trustno1 trustnoone iloveyou iloveu iloveyou2 loveyou loveme
lovely love mylove ilovegod iloveme forever foreveryoung admin administrator adminadmin adminpassword
adminpass administrator1 sysadmin superadmin superuser root rootroot toor rootpassword rootpass user
username userpassword guest guestguest visitor operator manager service account serviceaccount system sysop
owner master masterkey masterpassword default defaultpassword temp temporary temppassword temporarypassword
test testtest tester testing testing123 testpassword testuser demo demodemo demopassword example
examplepassword sample dummy placeholder staging production development developer devdevdev backup database
oracle mysql postgres postgresql mongodb redis elastic kibana prometheus jenkins gitlab github docker
kubernetes ansible terraform vagrant ubuntu debian fedora centos linux windows microsoft apple google
facebook amazon samsung cisco nokia android internet computer laptop server network wireless welcome
welcome1 welcome123 welcomehome welcomeback hello hellohello helloworld hello123 hellokitty goodbye whatever
nothing something anything access accessdenied login loginlogin signin logmein enter letmesee
correcthorsebatterystaple correcthorse batterystaple thequickbrownfox thequickbrownfoxjumps
thequickbrownfoxjumpsoverthelazydog loremipsum loremipsumdolor loremipsumdolorsitamet tobeornottobe
maytheforcebewithyou maytheforce onceuponatime inthebeginning ourfatherwhoartinheaven jesuschrist jesus
blessed godisgood godislove thankyou thankyoujesus letitbe dontforget dontforgetme donotforget rememberme
idontknow idontcare iforgot iforgotmypassword forgotpassword thisismypassword thisisapassword thisisasecret
thisismysecret thisisthepassword mypasswordispassword passwordispassword incorrect yourpasswordisincorrect
nopasswordneeded nopasswordrequired thereisnospoon allyourbasearebelongtous winteriscoming monkey dragon
tiger lion eagle falcon hawk bear wolf shadow phoenix panther cobra viper spider butterfly dolphin elephant
giraffe penguin chicken turtle rabbit bunny puppy kitty kitten cat dog horse mustang bronco football
baseball basketball soccer hockey golf tennis rugby cricket swimming fishing hunter hunting racing superman
batman spiderman ironman wonderwoman starwars startrek pokemon pikachu matrix gandalf frodo hobbit merlin
harrypotter hogwarts voldemort naruto sonic mario zelda minecraft fortnite michael jennifer jessica jordan
michelle ashley daniel thomas robert andrew joshua matthew charlie george william nicole amanda samantha
hannah maggie ginger pepper buster cookie bailey peanut snoopy princess prince angel angels diamond crystal
silver golden gold purple orange yellow green black white blue red rainbow flower flowers rose daisy jasmine
summer winter spring autumn sunshine sunrise sunset moonlight starlight thunder lightning storm hurricane
freedom liberty america england london paris berlin madrid canada mexico texas newyork california chicago
arsenal liverpool chelsea barcelona realmadrid juventus manchester manchesterunited january february march
april june july august september october november december monday tuesday wednesday thursday friday saturday
sunday biteme killer gangster ninja samurai warrior soldier marine ranger hacker cracker mercedes ferrari
porsche corvette camaro yamaha harley cheese chocolate coffee banana apples strawberry cherry pizza
chickenwing hamburger whiskey vodka family mother father mommy daddy sister brother bestfriend friends
friendship babygirl baby lovelove keysteadadmin keysteadpassword grafanaadmin grafanapassword adminkeystead
admingrafana
"""

COMMON_PASSWORDS = frozenset(_WORDS.split())

_LINES = (
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "abcdefghijklmnopqrstuvwxyz",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
)
_DIGITS = "0123456789" * 110  # longer than any password may be

# Walks over the keyboard or through an alphabet; any part of one is no better.
KEYBOARD_RUNS = (
    *_LINES,
    *(line[::-1] for line in _LINES),
    _DIGITS,
    _DIGITS.replace("90", "9"),
    _DIGITS[::-1],
)
