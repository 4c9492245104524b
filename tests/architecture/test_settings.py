import pickle
from collections.abc import Mapping
from pathlib import Path

import pytest

from keystead.core.installation.errors import FileLoose, PublishedPassword, SettingsError
from keystead.core.secret import Secret
from keystead.settings import FIELDS, Command, Handover, Settings, config_content, read_settings

HUSH = "hush" + "-canary"


def read(
    environ: Mapping[str, str] | None = None,
    *,
    file: str = "",
    flags: Mapping[str, object] | None = None,
    command: Command = "serve",
) -> Settings:
    return read_settings(environ or {}, file=file.encode(), flags=flags or {}, command=command)


def a_secret_file(folder: Path, content: str = f"{HUSH}\n", mode: int = 0o600) -> str:
    path = folder / "password"
    path.write_text(content)
    path.chmod(mode)
    return str(path)


class TestWhereAValueComesFrom:
    def test_flags_go_before_variables_before_the_file_before_the_profile_before_the_default(self) -> None:
        profile = "[server]\ncompatibility = 'grafana-9.3'\n"
        file = f"{profile}[security]\nmin_password_length = 8\n"
        variable = {"KEYSTEAD_SECURITY__MIN_PASSWORD_LENGTH": "9"}
        flag = {"security.min_password_length": 10}
        levels = [
            read(),
            read(file=profile),
            read(file=file),
            read(variable, file=file),
            read(variable, file=file, flags=flag),
        ]
        assert [settings.security.min_password_length for settings in levels] == [15, 4, 8, 9, 10]

    def test_a_name_without_two_underscores_is_for_clients(self) -> None:
        clients = {"KEYSTEAD_URL": "x", "KEYSTEAD_TOKEN": HUSH, "KEYSTEAD_SERVER_PORT": "tcp://10.0.0.1:3000"}
        assert read(clients) == read()

    def test_a_flag_that_was_not_given_changes_nothing(self) -> None:
        assert read(flags={"server.port": None}) == read()

    def test_lists_in_variables_are_separated_by_commas(self) -> None:
        settings = read({"KEYSTEAD_SERVER__ALLOWED_HOSTS": "a.example, B.example,"})
        assert settings.allowed_hosts == {"a.example", "b.example"}

    @pytest.mark.parametrize(
        ("text", "seconds"), [("90", 90), ("90s", 90), ("10m", 600), ("24h", 86_400), ("7d", 604_800)]
    )
    def test_durations_are_written_as_in_grafana(self, text: str, seconds: int) -> None:
        settings = read({"KEYSTEAD_AUTH__LOGIN_MAXIMUM_LIFETIME_DURATION": text})
        assert settings.auth.login_maximum_lifetime_duration == seconds


class TestTheProfileOfGrafana:
    def test_is_the_third_column_of_the_contract(self) -> None:
        settings = read(flags={"server.compatibility": "grafana-9.3"}, command="dev")
        assert settings.auth.api_key_max_seconds_to_live == -1
        assert settings.service_accounts.token_above_role == "allow"
        assert (settings.security.min_password_length, settings.min_own_password_length) == (4, 5)
        assert not settings.security.refuse_common_passwords
        assert settings.cookie_name == "grafana_session"
        assert settings.auth.login_maximum_inactive_lifetime_duration == 7 * 86_400
        assert settings.auth.login_maximum_lifetime_duration == 30 * 86_400
        assert settings.security.admin_password == Secret("admin")

    def test_gives_no_published_password_to_a_real_server(self) -> None:
        assert read(flags={"server.compatibility": "grafana-9.3"}).security.admin_password is None


class TestASecret:
    def test_is_taken_from_a_file_without_its_line_break(self, tmp_path: Path) -> None:
        settings = read({"KEYSTEAD_SECURITY__ADMIN_PASSWORD_FILE": a_secret_file(tmp_path)})
        assert settings.security.admin_password == Secret(HUSH)
        assert HUSH not in repr(settings)

    def test_is_taken_from_the_folder_that_systemd_names(self, tmp_path: Path) -> None:
        (tmp_path / "security.admin_password").write_text(HUSH)
        (tmp_path / "security.admin_password").chmod(0o440)
        settings = read({"CREDENTIALS_DIRECTORY": str(tmp_path)})
        assert settings.security.admin_password == Secret(HUSH)

    def test_is_refused_from_a_file_that_everybody_can_read(self, tmp_path: Path) -> None:
        with pytest.raises(FileLoose):
            read({"KEYSTEAD_SECURITY__ADMIN_PASSWORD_FILE": a_secret_file(tmp_path, mode=0o644)})

    @pytest.mark.parametrize("content", ["", "\n"], ids=repr)
    def test_is_refused_when_the_file_is_empty(self, tmp_path: Path, content: str) -> None:
        with pytest.raises(SettingsError, match="empty"):
            read({"KEYSTEAD_SECURITY__ADMIN_PASSWORD_FILE": a_secret_file(tmp_path, content)})

    def test_is_refused_when_there_is_no_file(self, tmp_path: Path) -> None:
        with pytest.raises(SettingsError, match="KEYSTEAD_SECURITY__ADMIN_PASSWORD_FILE"):
            read({"KEYSTEAD_SECURITY__ADMIN_PASSWORD_FILE": str(tmp_path / "absent")})

    def test_is_refused_when_given_twice(self, tmp_path: Path) -> None:
        file = {"KEYSTEAD_SECURITY__ADMIN_PASSWORD_FILE": a_secret_file(tmp_path)}
        with pytest.raises(SettingsError, match="twice"):
            read(file | {"KEYSTEAD_SECURITY__ADMIN_PASSWORD": HUSH})

    @pytest.mark.parametrize(
        ("file", "flags"),
        [
            (f"[security]\nadmin_password = '{HUSH}'", {}),
            (f"[server]\ndatabase_url = 'postgresql://k:{HUSH}@h/d'", {}),
            ("", {"server.database_url": f"postgresql://k:{HUSH}@h/d"}),
            ("", {"server.database_url": f"postgresql://h/d?password={HUSH}"}),
        ],
        ids=["password in the file", "database in the file", "database as a flag", "database with a query"],
    )
    def test_is_refused_where_others_can_see_it(self, file: str, flags: dict[str, object]) -> None:
        with pytest.raises(SettingsError, match="can be seen") as stop:
            read(file=file, flags=flags)
        assert HUSH not in str(stop.value)

    def test_reaches_a_worker_process_and_is_shown_on_no_other_way(self) -> None:
        settings = read({"KEYSTEAD_SERVER__DATABASE_URL": f"postgresql://k:{HUSH}@h/d"})
        assert pickle.loads(pickle.dumps(Handover(settings))).settings == settings  # noqa: S301 - our own
        with pytest.raises(TypeError):
            pickle.dumps(settings)

    def test_is_not_the_published_password_on_a_real_server(self, tmp_path: Path) -> None:
        named = {"KEYSTEAD_SECURITY__ADMIN_PASSWORD_FILE": a_secret_file(tmp_path, "admin\n")}
        for environ in ({"KEYSTEAD_SECURITY__ADMIN_PASSWORD": "admin"}, named):
            assert read(environ, command="dev").has_published_password
            with pytest.raises(PublishedPassword):
                read(environ)


class TestThePrivateKeyOfTheCertificate:
    def test_is_refused_when_everybody_can_read_it(self, tmp_path: Path) -> None:
        with pytest.raises(FileLoose):
            read(flags={"server.tls_cert": "c", "server.tls_key": a_secret_file(tmp_path, mode=0o644)})

    def test_is_refused_when_it_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(SettingsError, match="is missing"):
            read(flags={"server.tls_cert": "c", "server.tls_key": str(tmp_path / "absent")})


class TestTheConfigurationFile:
    def test_is_read_where_it_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "k.toml").write_text("[server]")
        assert config_content(tmp_path / "k.toml") == b"[server]"
        assert config_content(None) is None

    def test_that_is_named_and_not_there_stops_the_start(self, tmp_path: Path) -> None:
        with pytest.raises(SettingsError, match="cannot be read"):
            config_content(tmp_path / "absent.toml")


WRONG = {
    "an unknown setting": ({"KEYSTEAD_TOKENS__SUFFIX": HUSH}, "`[tokens] suffix`, from the variable"),
    "an unknown section": ({"KEYSTEAD_TOKEN__PREFIX": HUSH}, "`[token] prefix`"),
    "no number": ({"KEYSTEAD_SERVER__PORT": HUSH}, "KEYSTEAD_SERVER__PORT, must be a port from 1 to 65535"),
    "too large": ({"KEYSTEAD_SERVER__PORT": "65536"}, "a port from 1 to 65535"),
    "no boolean": ({"KEYSTEAD_SERVER__BEHIND_PROXY": HUSH}, "true or false"),
    "not in the list": ({"KEYSTEAD_LOG__LEVEL": HUSH}, "debug, info, warning or error"),
    "an unknown profile": ({"KEYSTEAD_SERVER__COMPATIBILITY": HUSH}, "grafana-9.3"),
    "no duration": ({"KEYSTEAD_AUTH__LOGIN_MAXIMUM_LIFETIME_DURATION": HUSH}, "24h or 7d"),
    "no time at all": ({"KEYSTEAD_AUTH__LOGIN_MAXIMUM_LIFETIME_DURATION": "0"}, "24h or 7d"),
    "a name for an address": ({"KEYSTEAD_SERVER__HOST": "localhost"}, "IP address"),
    "no network": ({"KEYSTEAD_SERVER__TRUSTED_PROXIES": f"10.0.0.1,{HUSH}"}, "networks"),
    "another database": ({"KEYSTEAD_SERVER__DATABASE_URL": f"mysql://{HUSH}"}, "postgresql://"),
    "an empty secret": ({"KEYSTEAD_SECURITY__ADMIN_PASSWORD": ""}, "must be a password"),
    "an address with a path": ({"KEYSTEAD_SECURITY__TRUSTED_ORIGINS": "https://a/b"}, "origins"),
    "an address with a user": ({"KEYSTEAD_SERVER__ROOT_URL": f"https://k:{HUSH}@a/"}, "http or https"),
    "another scheme": ({"KEYSTEAD_SERVER__ROOT_URL": "ftp://a/"}, "http or https"),
    "a port beyond the last": ({"KEYSTEAD_SERVER__ROOT_URL": "http://a:99999"}, "http or https"),
    "an address without port": ({"KEYSTEAD_METRICS__LISTEN": "127.0.0.1"}, "a port"),
    "half a pair": ({"KEYSTEAD_SERVER__TLS_CERT": "cert.pem"}, "together"),
    "a prefix with a digit": ({"KEYSTEAD_TOKENS__PREFIX": "k3y"}, "letters"),
    "a host cookie over http": ({"KEYSTEAD_AUTH__LOGIN_COOKIE_NAME": "__Host-s"}, "https"),
    "a host cookie under a sub-path": (
        {"KEYSTEAD_AUTH__LOGIN_COOKIE_NAME": "__Host-s", "KEYSTEAD_SERVER__ROOT_URL": "https://a/k"},
        "sub-path",
    ),
}


class TestAWrongSetting:
    @pytest.mark.parametrize(("environ", "told"), WRONG.values(), ids=WRONG)
    def test_stops_the_start_with_a_sentence_and_without_its_value(
        self, environ: dict[str, str], told: str
    ) -> None:
        with pytest.raises(SettingsError) as stop:
            read(environ)
        assert told in str(stop.value)
        assert HUSH not in str(stop.value)

    @pytest.mark.parametrize(
        ("file", "told"),
        [
            (b"port = 1", "outside of any"),
            (b"[server\n", "not TOML, at line 1"),
            (b"[server]\nport = 'hush", "not TOML"),
            (b"\xff", "not UTF-8"),
            (b"[server]\nport = true", "from the configuration file, must be a port"),
        ],
        ids=repr,
    )
    def test_in_the_file_is_told_as_such(self, file: bytes, told: str) -> None:
        with pytest.raises(SettingsError) as stop:
            read_settings({}, file=file, flags={}, command="serve")
        assert told in str(stop.value)
        assert "hush" not in str(stop.value)

    def test_in_a_flag_is_told_as_such(self) -> None:
        with pytest.raises(SettingsError, match="from the flag --tls-cert"):
            read(flags={"server.tls_cert": 1})


class TestWhatFollows:
    def test_the_address_is_made_of_host_and_port_unless_it_is_given(self, tmp_path: Path) -> None:
        assert read().root_url == "http://127.0.0.1:3000"
        assert read(flags={"server.host": "::1"}).root_url == "http://[::1]:3000"
        assert read(flags={"server.host": "0.0.0.0"}).root_url == "http://localhost:3000"  # noqa: S104
        assert read(flags={"server.tls_cert": "c", "server.tls_key": a_secret_file(tmp_path)}).is_https
        assert (
            read({"KEYSTEAD_SERVER__ROOT_URL": "https://k.example/keys/"}).root_url
            == "https://k.example/keys"
        )

    @pytest.mark.parametrize(
        ("root_url", "name"),
        [
            ("http://k.example", "grafana_session"),
            ("https://k.example", "__Host-grafana_session"),
            ("https://k.example/keys", "grafana_session"),
        ],
    )
    def test_the_cookie_is_for_the_whole_host_where_browsers_allow_it(self, root_url: str, name: str) -> None:
        assert read({"KEYSTEAD_SERVER__ROOT_URL": root_url}).cookie_name == name

    def test_the_sub_path_is_in_links_and_only_served_where_no_proxy_takes_it_off(self) -> None:
        environ = {"KEYSTEAD_SERVER__ROOT_URL": "https://k.example/keys/"}
        assert (read(environ).sub_path, read(environ).served_sub_path) == ("/keys", "")
        served = read(environ | {"KEYSTEAD_SERVER__SERVE_FROM_SUB_PATH": "true"})
        assert served.served_sub_path == "/keys"

    def test_hosts_and_origins_are_those_of_the_address_and_what_is_listed(self) -> None:
        settings = read(
            {
                "KEYSTEAD_SERVER__ROOT_URL": "https://K.example:443/keys",
                "KEYSTEAD_SECURITY__TRUSTED_ORIGINS": "http://[::1]:8080",
            }
        )
        assert settings.allowed_hosts == {"k.example", "localhost", "127.0.0.1", "::1"}
        assert settings.allowed_origins == {"https://k.example", "http://[::1]:8080"}

    def test_files_are_in_the_data_folder_unless_named(self) -> None:
        settings = read(flags={"server.data_dir": "/srv/k"})
        assert [settings.sqlite_path, settings.secrets_path] == [
            Path("/srv/k/keystead.db"),
            Path("/srv/k/secrets.json"),
        ]
        elsewhere = read({"KEYSTEAD_SECURITY__SECRETS_FILE": "/etc/k.json"})
        assert elsewhere.secrets_path == Path("/etc/k.json")

    def test_metrics_are_off_until_they_have_an_address(self) -> None:
        assert read().metrics_address is None
        assert read({"KEYSTEAD_METRICS__LISTEN": "[::1]:9100"}).metrics_address == ("::1", 9100)


def test_every_default_is_a_value_that_may_be_set() -> None:
    defaults = {
        f"KEYSTEAD_{name.replace('.', '__').upper()}": str(field.default)
        for name, field in FIELDS.items()
        if isinstance(field.default, str | int)
    }
    assert read(defaults) == read()
