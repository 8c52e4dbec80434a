// What every part of the page uses: elements, questions to the server, and what is said to the user.

export const $ = (id) => document.getElementById(id);

export function element(tag, values = {}, ...children) {
  const one = Object.assign(document.createElement(tag), values);
  one.append(...children);
  return one;
}

export async function ask(path, body) {
  const options = body === undefined ? {} : {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const response = await fetch(path, options);
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

export function say(text, { bad = false, stays = false } = {}) {
  const box = $("status");
  box.textContent = text;
  box.className = text ? `shown${bad ? " bad" : ""}` : "";
  clearTimeout(say.timer);
  if (!stays) say.timer = setTimeout(() => { box.className = ""; }, bad ? 7000 : 2500);
}

export const trying = (action) => (...values) => Promise.resolve(action(...values)).catch((error) => say(error.message, { bad: true }));
