/* The shop's own code. It asks before it uses AI, and obeys a no at once; its back-end asks the gate besides. */

const widget = document.querySelector("candor-widget");

/* A signed-in customer: the shop's back-end vouches for her with a token of at most 15 minutes. */
document.getElementById("sign-in").addEventListener("click", async (event) => {
  const answer = await fetch("token", { method: "POST" });
  await widget.setSubject((await answer.text()).trim());
  event.target.textContent = "Signed in as customer-4711";
  event.target.disabled = true;
});

const chatAllowed = (allowed) => { document.getElementById("by-person").hidden = allowed; };
window.candor ||= [];
candor.push(["allowed", "support-chat", chatAllowed]);

document.addEventListener("submit", (event) => {
  if (event.target.id !== "say") return;
  event.preventDefault();
  const words = event.target.elements.words, log = document.getElementById("log");
  const say = (text) => log.append(Object.assign(document.createElement("li"), { textContent: text }));
  if (!words.value || !widget.allowed("support-chat")) return;
  say(words.value);
  say("Program: your order is on its way. Ask for a person if that does not help.");
  words.value = "";
});
