// The page follows the newsletter: when there is something newer than what it shows, it fetches
// itself anew and puts that in place. What was typed, opened and scrolled to stays.
const gone = document.getElementById("gone");
const page = document.documentElement;
let news;
let turn = 0;

// A browser opens six connections to a server and no more, for all tabs together: only a page that
// is looked at holds one. It learns what it missed when it is looked at again.
function follow() {
  news?.close();
  if (document.hidden) return;
  news = new EventSource("/events?version=" + encodeURIComponent(page.dataset.version));
  news.onmessage = async () => {
    const mine = (turn += 1);
    const answer = await fetch(location.href).catch(() => null); // it stopped just now
    const next = answer && new DOMParser().parseFromString(await answer.text(), "text/html");
    if (next && mine === turn) show(next);
  };
  news.onopen = () => { gone.hidden = true; };
  news.onerror = () => { gone.hidden = false; };
}
follow();
document.addEventListener("visibilitychange", follow);
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

function show(next) {
  const fields = new Map();
  for (const field of document.querySelectorAll("main [name]:not(iframe, [type=hidden])"))
    fields.set(field.name, field.value);
  const open = document.querySelector("main > details")?.open;
  const focused = document.activeElement?.name;
  document.title = next.title;
  for (const name of ["header", "main"])
    document.querySelector(name).replaceWith(next.querySelector(name));
  for (const [name, value] of fields) {
    const field = document.querySelector(`main [name="${name}"]`);
    if (field) field.value = value;
  }
  const details = document.querySelector("main > details");
  if (details) details.open = open;
  if (focused) document.querySelector(`[name="${focused}"]`)?.focus();
  page.dataset.version = next.documentElement.dataset.version;
}

// Without scripts the form has a button; with them a choice is enough.
document.addEventListener("change", ({ target }) => {
  const form = target.closest(".moment");
  if (form && target.validity.valid) form.submit();
});
