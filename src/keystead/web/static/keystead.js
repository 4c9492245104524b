// What spares a reload. Every page works without this file; behaviour hangs on data- attributes.

const find = (selector, from = document) => from.querySelector(selector);
const all = (selector) => document.querySelectorAll(selector);
const policy = window.trustedTypes?.createPolicy("ks", { createHTML: (text) => text });
const UNITS_S = { s: 1, m: 60, h: 3600, d: 86400, w: 604800, M: 2592000 };
const UNIT_WORDS = { s: "second", m: "minute", h: "hour", d: "day", w: "week", M: "month" };
const loadedAt = performance.now();

/** The only place where HTML enters the page. */
const parse = (html) => {
  const holder = document.createElement("template");
  holder.innerHTML = policy ? policy.createHTML(html) : html;
  return holder.content;
};

const element = (name, className, text = "") =>
  Object.assign(document.createElement(name), { className, textContent: text });

// Time

const inZone = (milliseconds) => {
  const timeZone = document.documentElement.dataset.zone || undefined;
  return new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "medium", timeZone }).format(milliseconds);
};

const localize = (root) => {
  for (const time of root.querySelectorAll("time[data-local]")) time.textContent = inZone(Date.parse(time.dateTime));
};

// Messages

const trimToasts = () => {
  const toasts = find("#toasts");
  while (toasts.children.length > 3) {
    const oldest = find('[data-toast="success"]', toasts);
    if (!oldest) return;
    oldest.remove();
  }
};

const fadeToast = (toast) => {
  const isHeld = toast.matches(":hover, :focus-within");
  setTimeout(() => (toast.matches(":hover, :focus-within") ? fadeToast(toast) : toast.remove()), isHeld ? 1000 : 6000);
};

/** Messages lie at the top right; what has the focus must not be under them. */
const stepAside = ({ target }) => {
  const toasts = find("#toasts");
  if (!toasts.children.length || toasts.contains(target)) return;
  delete toasts.dataset.below;
  const [front, behind] = [toasts, target].map((box) => box.getBoundingClientRect());
  if (behind.right > front.left && behind.top < front.bottom) toasts.dataset.below = "";
};

const warn = (text) => {
  const toast = element("div", "ks-toast ks-toast--error");
  toast.dataset.toast = "error";
  const close = element("button", "ks-ghost", "×");
  close.type = "button";
  close.dataset.dismiss = "";
  close.setAttribute("aria-label", "Close");
  toast.setAttribute("role", "alert");
  toast.append(element("p", "", text), close);
  const modal = find("dialog:modal"); // a message outside an open dialog could not be seen
  if (modal) modal.prepend(toast);
  else find("#toasts").append(toast);
  trimToasts();
};

/** Read once more: what stood there when the page came is not announced. */
const announce = (status) => {
  const text = status.textContent;
  status.textContent = "";
  setTimeout(() => (status.textContent = text), 50);
};

// Fragments

const asked = new Map();

/** Return the fragment's content, or null when the answer was told in another way or is out of date. */
const fragment = async (url, id, isQuiet = false) => {
  const number = (asked.get(id) ?? 0) + 1;
  asked.set(id, number);
  const answer = await fetch(url, { headers: { "X-Fragment": id }, credentials: "same-origin" });
  const html = await answer.text();
  if (asked.get(id) !== number) return null;
  if (answer.status === 401) location.assign(answer.headers.get("X-Login") ?? url);
  else if (!answer.headers.get("Content-Type")?.startsWith("text/html") || html.startsWith("<!")) location.assign(url);
  else if (answer.ok) return parse(html);
  else if (!isQuiet) warn(parse(html).textContent.trim());
  return null;
};

const searches = new Map();

const search = async (form) => {
  const fields = [...new FormData(form)].filter(([, value]) => value);
  const action = form.getAttribute("action"); // a field may be called so, and hides the property
  const url = fields.length ? `${action}?${new URLSearchParams(fields)}` : action;
  const content = await fragment(url, form.dataset.live).catch(() => form.submit());
  if (!content) return;
  localize(content);
  enable(content);
  document.getElementById(form.dataset.live).replaceWith(content);
  history.replaceState(null, "", url);
  announce(find(`#${form.dataset.live} [role="status"]`));
};

const searchSoon = (form) => {
  clearTimeout(searches.get(form));
  searches.set(form, setTimeout(search, 200, form));
};

// Watching: what names an address is asked for anew every 5 seconds, or as it says, while somebody looks

const dueAt = new WeakMap();
const ANNOUNCED_EVERY_MS = 5000; // who listens is not talked over, but is told the end at once
let announcedAt = -ANNOUNCED_EVERY_MS;

const poll = async (watched) => {
  const { poll: url, pollEvery = 5 } = watched.dataset;
  dueAt.set(watched, Infinity);
  const content = await fragment(url, watched.id, true).catch(() => null);
  if (!watched.isConnected) return;
  if (!content) return dueAt.set(watched, performance.now() + 10_000);
  const news = content.firstElementChild;
  dueAt.set(news, performance.now() + pollEvery * 1000);
  const [before, after] = [watched, news].map((part) => find('[aria-live], [role="status"]', part));
  localize(news);
  if (!news.isEqualNode(watched)) watched.replaceWith(news);
  else dueAt.set(watched, dueAt.get(news));
  if (!after?.isConnected || after.textContent === before?.textContent) return;
  if ("poll" in news.dataset && performance.now() - announcedAt < ANNOUNCED_EVERY_MS) return;
  announcedAt = performance.now();
  announce(after);
};

setInterval(() => {
  if (document.hidden) return;
  for (const watched of all("[data-poll]")) {
    if (!dueAt.has(watched)) dueAt.set(watched, performance.now() + (watched.dataset.pollEvery ?? 5) * 1000);
    if (dueAt.get(watched) <= performance.now()) poll(watched);
  }
}, 1000);

// Dialogs

const openModal = (dialog, opener) => {
  dialog.removeAttribute("open");
  dialog.showModal();
  find(".ks-secret", dialog)?.select();
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (dialog.dataset.then) location.replace(dialog.dataset.then);
    else opener?.focus();
  });
};

const isBeside = (box, { clientX, clientY }) => {
  const { left, right, top, bottom } = box.getBoundingClientRect();
  return clientX < left || clientX > right || clientY < top || clientY > bottom;
};

const openDialog = async (link) => {
  const opener = link.closest("[data-menu]")?.firstElementChild ?? link;
  const content = await fragment(link.href, "dialog").catch(() => location.assign(link.href));
  if (!content) return;
  closeMenus();
  localize(content);
  find("#dialog").replaceChildren(content);
  enable(find("#dialog"));
  openModal(find("#dialog > dialog"), opener);
};

const copy = async (button) => {
  const field = find(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    field.select(); // plain http has no clipboard
    document.execCommand("copy");
  }
  if ("leave" in button.dataset) return button.closest("dialog").close();
  if ("copiedNow" in button.dataset) return;
  const label = find("span", button);
  const words = label.textContent;
  button.dataset.copiedNow = "";
  label.textContent = find("[data-copied]").textContent = "Copied";
  setTimeout(() => {
    delete button.dataset.copiedNow;
    label.textContent = words;
    find("[data-copied]").textContent = "";
  }, 2000);
};

// Menus: opened by hovering, clicking or a key; closed by leaving, Escape or a click beside them

let leaving;

const setMenu = (menu, isOpen) => {
  clearTimeout(leaving);
  for (const other of all("[data-menu]")) {
    other.firstElementChild.setAttribute("aria-expanded", String(other === menu && isOpen));
    if (other !== menu || !isOpen) delete other.dataset.hovered;
  }
};

const closeMenus = () => setMenu(null, false);
const isOpen = (menu) => menu.firstElementChild.getAttribute("aria-expanded") === "true";

const manage = (menu) => {
  menu.dataset.menu = "managed";
  menu.addEventListener("pointerenter", (event) => {
    clearTimeout(leaving);
    if (event.pointerType !== "mouse" || isOpen(menu)) return;
    setMenu(menu, true);
    menu.dataset.hovered = "";
  });
  menu.addEventListener("pointerleave", (event) => {
    if (event.pointerType === "mouse") leaving = setTimeout(setMenu, 150, menu, false);
  });
  menu.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !menu.contains(event.relatedTarget)) setMenu(menu, false);
  });
};

const pressMenu = (menu) => {
  const wasHovered = "hovered" in menu.dataset; // the pointer has opened it on its way to the click
  setMenu(menu, wasHovered || !isOpen(menu));
  delete menu.dataset.hovered;
};

// Time to live

const judge = (input) => {
  const typed = input.value.trim();
  const [, number, unit] = /^([0-9]{1,9})([smhdwM])$/.exec(typed) ?? [];
  if (!typed) return {};
  if (!unit) return { error: "Not a valid duration" };
  const lifetime = number * UNITS_S[unit];
  const maximum = Number(input.dataset.ttlMax);
  if (!lifetime) return { error: "Time to live must be more than zero" };
  if (maximum >= 0 && lifetime > maximum) return { error: input.dataset.ttlAbove };
  if (lifetime > 2147483647) return { error: "Time to live is too long" };
  const now = Number(input.dataset.now) * 1000 + performance.now() - loadedAt;
  const words = `${Number(number)} ${UNIT_WORDS[unit]}${Number(number) === 1 ? "" : "s"}`;
  return { preview: `Expires ${inZone(now + lifetime * 1000)} (in ${words})` };
};

const showJudgement = (input, { error, preview }) => {
  const line = document.getElementById(input.dataset.ttl);
  if (error) input.setAttribute("aria-invalid", "true");
  else input.removeAttribute("aria-invalid");
  line.replaceChildren();
  if (error) line.append(element("p", "ks-field__error", error));
  if (preview) line.append(element("p", "ks-field__preview", preview));
};

/** Open what makes sense only beside another choice. */
const enable = (root) => {
  for (const part of root.querySelectorAll("[data-needs]")) part.disabled = !find(part.dataset.needs, part.form)?.checked;
};

/** Repeat the server's rule for the login of a service account, character by character. */
const showSlug = (name) => {
  const slug = [...name.value.trim()].map((letter) => [...letter.toLowerCase()][0]).join("");
  find(`[data-slug="#${name.id}"]`).textContent = `sa-${slug.replaceAll(" ", "-")}`;
};

/** Show the choices that have these words, and those that are made. */
const sift = (input) => {
  const words = input.value.trim().toLowerCase();
  for (const box of input.closest("[data-choices]").querySelectorAll("[type=checkbox]")) {
    const choice = box.closest("label");
    choice.hidden = !box.checked && !choice.textContent.toLowerCase().includes(words);
  }
};

// Listening

const onClick = {
  "[data-dialog]": (link, event) => {
    event.preventDefault();
    openDialog(link);
  },
  "dialog [data-close]": (button, event) => {
    const dialog = button.closest("dialog:modal");
    if (!dialog) return;
    event.preventDefault();
    dialog.close();
  },
  "[data-copy]": copy,
  "[data-dismiss]": (button) => button.closest("[data-toast]").remove(),
  "[data-fill]": (button) => {
    const input = find(button.dataset.fill);
    input.value = button.dataset.value ?? button.textContent.trim();
    if (input.matches("[data-ttl]")) showJudgement(input, judge(input));
  },
  "[data-reveal]": (button) => {
    const field = find(button.dataset.reveal);
    field.type = field.type === "password" ? "text" : "password";
    button.setAttribute("aria-pressed", String(field.type === "text"));
  },
  "[data-menu] > button": (button) => pressMenu(button.parentElement),
};

document.addEventListener("click", (event) => {
  for (const [selector, act] of Object.entries(onClick)) {
    const target = event.target.closest(selector);
    if (target) act(target, event);
  }
  if (!event.target.closest("[data-menu]")) closeMenus();
  if (event.target.matches("dialog:modal:not([data-firm])") && isBeside(event.target, event)) event.target.close();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = [...all("[data-menu]")].find(isOpen);
  closeMenus();
  menu?.firstElementChild.focus();
  for (const tip of all(".ks-tip:hover, .ks-tip:focus-within, .ks-rail li:hover, .ks-rail :focus-within")) {
    tip.dataset.quiet = "";
  }
  for (const question of all(".ks-confirm[open]")) {
    question.open = false;
    find("summary", question).focus();
  }
});

const wake = (event) => {
  const quiet = event.target.closest?.("[data-quiet]");
  if (quiet && !quiet.contains(event.relatedTarget)) delete quiet.dataset.quiet;
};
document.addEventListener("focusout", wake);
document.addEventListener("focusin", stepAside);
document.addEventListener("mouseout", wake);

document.addEventListener("input", (event) => {
  const live = event.target.closest("form[data-live]");
  if (live && !event.target.matches("select")) searchSoon(live); // an arrow key would ask for each option
  if (find(`[data-slug="#${event.target.id}"]`)) showSlug(event.target);
  if (event.target.matches("[data-filter]")) sift(event.target);
  if (!event.target.matches("[data-ttl]")) return;
  const { preview } = judge(event.target); // errors wait until the field is left
  showJudgement(event.target, { preview });
});

document.addEventListener("change", (event) => enable(event.target.form ?? document));

/** Several rows are chosen by their boxes, or all by the one above them. */
const choose = (box) => {
  const boxes = all(`input[name=id][form="${box.dataset.choose ?? box.getAttribute("form")}"]`);
  if (box.dataset.choose) for (const other of boxes) other.checked = box.checked;
  const count = [...boxes].filter((other) => other.checked).length;
  find("[data-chosen]").textContent = count ? `With ${count} chosen:` : "With the chosen ones:";
};

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-choose], input[type=checkbox][form]")) choose(event.target);
});

document.addEventListener("focusout", (event) => {
  const input = event.target;
  if (input.matches("[data-ttl]") && input.value.trim()) showJudgement(input, judge(input));
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("[data-live]")) {
    event.preventDefault();
    search(form);
  } else if (form.matches("[data-once]")) {
    if (form.dataset.once === "sent") event.preventDefault();
    form.dataset.once = "sent";
    const zone = find("[data-zone]", form);
    if (zone) zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const button = event.submitter;
    button?.setAttribute("aria-busy", "true");
    if (button?.dataset.busy) button.textContent = button.dataset.busy;
  }
});

window.addEventListener("pageshow", (event) => event.persisted && location.reload()); // back, to an old page

localize(document);
enable(document);
all("[data-menu]").forEach(manage);
all("#toasts > [data-toast]").forEach((toast) => find("#toasts").append(toast)); // moved, so that it is announced
all('[data-toast="success"]').forEach(fadeToast);
const waiting = find("dialog[data-modal][open]");
if (waiting) openModal(waiting, document.body);
find("[data-go-on]")?.requestSubmit();
