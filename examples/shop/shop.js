/* The shop's own code. It asks before it uses AI, and obeys a no at once; its back-end asks the gate besides. */

const widget = document.querySelector("candor-widget");

/* A signed-in customer: the shop's back-end vouches for her with a token of at most 15 minutes. */
document.getElementById("sign-in").addEventListener("click", async (event) => {
  const answer = await fetch("token", { method: "POST" });
  await widget.setSubject((await answer.text()).trim());
  signedIn = true;
  event.target.textContent = "Signed in as customer-4711";
  event.target.disabled = true;
});

/* Until a person is asked for the program answers; from then on it is silent and its form gives way. */
const human = document.querySelector("candor-human");
let signedIn = false, programMaySpeak = true;
const fitting = () => { for (const form of document.querySelectorAll("#say")) form.hidden = !programMaySpeak; };
document.addEventListener("candor-human-update", ({ detail }) => {
  programMaySpeak = detail.ai_may_speak;
  fitting();
});
const chatAllowed = (allowed) => {
  document.getElementById("by-person").hidden = allowed;
  fitting();
};
window.candor ||= [];
candor.push(["allowed", "support-chat", chatAllowed]);

/* What a signed-in customer says goes by the shop's back-end, which reports it: a person who takes over has read it. */
async function answer(text) {
  if (!signedIn) return { text: "Your order is on its way. Ask for a person if that does not help." };
  const sent = await fetch("say", {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ text, conversation: human.getAttribute("conversation") }),
  });
  return sent.json();
}

document.addEventListener("submit", async (event) => {
  if (event.target.id !== "say") return;
  event.preventDefault();
  const words = event.target.elements.words, log = document.getElementById("log"), text = words.value;
  const say = (line) => log.append(Object.assign(document.createElement("li"), { textContent: line }));
  if (!text || !programMaySpeak || !widget.allowed("support-chat")) return;
  say("You: " + text);
  words.value = "";
  const said = await answer(text).catch(() => ({ text: "That did not work. Please ask for a person." }));
  if (said.text) say("Program, not a person: " + said.text);
  if (said.handed_over) human.resume(); // asked for in words: the person's side opens
});
