// What changes routes, the panel beside the map, mouse and keys.

import { $, ask, element, say, trying } from "./common.js";
import { TownView } from "./map.js";
import { paintOverlay } from "./paint.js";
import { boxOf, planKey, planOf, route, state } from "./state.js";

const HIT_PX = 9;
const REACH_PX = 12;

const view = new TownView($("map"), paintOverlay);

const snap = (x, y) => ask("/api/snap", { town: state.town, x, y, reach: REACH_PX / view.scale });

// -- changes

function change(make) {
  state.undo.push(JSON.stringify(state.routes));
  state.redo = [];
  make();
  changed();
}

function changed() {
  if (state.current >= state.routes.length) state.current = state.routes.length - 1;
  planShown();
  showPanel();
  view.paint();
}

// Routes of other towns wait until their town is shown: the server would have to open all of them.
function planShown() {
  for (const one of state.routes) if (one.town === state.town) plan(one);
}

function travel(from, to) {
  if (!from.length) return;
  to.push(JSON.stringify(state.routes));
  state.routes = JSON.parse(from.pop());
  state.selected = null;
  state.wanted = [];
  say("");
  changed();
}

function newRoute() {
  const ids = state.routes.map((one) => Number(one.id)).filter(Number.isFinite);
  const id = String(ids.length ? Math.max(...ids) + 1 : 0);
  change(() => {
    state.routes.push({ id, town: state.town, keypoints: [], weathers: [], scenarios: [], attributes: {} });
    state.current = state.routes.length - 1;
    state.selected = null;
  });
}

const addPoint = trying(async (x, y) => {
  const place = await snap(x, y);
  if (state.wanted.length) return placeWanted(place);
  if (!route() || route().town !== state.town) newRoute();
  change(() => {
    const points = route().keypoints;
    const after = state.selected?.kind === "point" ? state.selected.index + 1 : points.length;
    points.splice(after, 0, [place.x, place.y, place.z]);
    state.selected = after < points.length - 1 ? { kind: "point", index: after } : null;
  });
});

function placeWanted(place) {
  const { index, name } = state.wanted.shift();
  change(() => {
    const values = { x: place.x, y: place.y, z: place.z };
    route().scenarios[index].parameters[name] = Object.fromEntries(
      Object.entries(values).map(([axis, value]) => [axis, String(value)]));
  });
  askForPlace();
}

function askForPlace() {
  const next = state.wanted[0];
  say(next ? `Click ${next.name} of ${route().scenarios[next.index].name} (Escape leaves it out)` : "", { stays: true });
}

const addScenario = trying(async (type) => {
  if (!route()) throw new Error("click a route first: scenarios belong to one");
  const place = await snap(...state.mouse);
  const kind = state.types.get(type);
  const index = route().scenarios.length;
  const used = new Set(route().scenarios.map((one) => one.name));
  let number = 1;
  while (used.has(`${type}_${number}`)) number += 1;
  change(() => {
    route().scenarios.push({
      name: `${type}_${number}`, type, trigger: [place.x, place.y, place.z, place.yaw], more_triggers: [],
      parameters: structuredClone(kind.parameters),
    });
    state.selected = { kind: "scenario", index };
  });
  state.wanted = kind.places.map((name) => ({ index, name }));
  if (state.wanted.length) askForPlace();
});

function removeSelected() {
  const chosen = state.selected;
  if (!chosen || !route()) return;
  change(() => {
    if (chosen.kind === "point") route().keypoints.splice(chosen.index, 1);
    if (chosen.kind === "scenario") route().scenarios.splice(chosen.index, 1);
    state.selected = null;
    state.wanted = [];
  });
}

const moveTo = trying(async (chosen, x, y) => {
  const place = await snap(x, y);
  change(() => {
    if (chosen.kind === "point") route().keypoints[chosen.index] = [place.x, place.y, place.z];
    if (chosen.kind === "scenario") route().scenarios[chosen.index].trigger = [place.x, place.y, place.z, place.yaw];
    if (chosen.kind === "place") {
      const values = route().scenarios[chosen.index].parameters[chosen.name];
      [values.x, values.y, values.z] = [place.x, place.y, place.z].map(String);
    }
  });
});

// -- the planned way of a route, asked for again when its keypoints or scenarios change

async function plan(one) {
  const key = planKey(one);
  if (one.keypoints.length < 2 || state.plans.has(key)) return;
  state.plans.set(key, { points: [], waiting: true });
  try {
    state.plans.set(key, await ask("/api/plan", { route: one }));
  } catch (error) {
    state.plans.set(key, { points: [], problems: {}, error: error.message });
  }
  showPanel();
  view.paint();
}

// -- towns and files

const enterTown = trying(async (town, box) => {
  say(`${town} …`, { stays: true });
  view.setTown(await ask(`/api/town/${encodeURIComponent(town)}`));
  state.town = town;
  $("town").value = town;
  view.fit(box || view.bounds);
  say("");
  planShown();
});

async function choose(index) {
  state.current = index;
  state.selected = null;
  state.wanted = [];
  const one = route();
  showPanel();
  if (one.town !== state.town) await enterTown(one.town, boxOf(one));
  else view.fit(boxOf(one) || view.bounds, 160);
}

const save = trying(async () => {
  const kept = JSON.stringify(state.routes);
  const { file, count } = await ask("/api/save", { routes: state.routes });
  state.saved = kept;
  say(`${file}: ${count} routes`);
  showPanel();
});

const download = trying(async () => {
  const { xml } = await ask("/api/xml", { routes: state.routes });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([xml], { type: "application/xml" }));
  link.download = $("file").textContent.split("/").pop();
  link.click();
  URL.revokeObjectURL(link.href);
});

const load = trying(async (file) => {
  if (!file) return;
  const { routes } = await ask("/api/parse", { name: file.name, xml: await file.text() });
  change(() => { state.routes = routes; state.current = 0; });
  await choose(0);
});

const drawWeather = trying(async () => {
  const { weathers } = await ask("/api/weather", {});
  change(() => { route().weathers = weathers; });
});

// -- what is shown

function showPanel() {
  if (document.activeElement?.closest?.("#panel input")) document.activeElement.blur();
  $("save").classList.toggle("dirty", JSON.stringify(state.routes) !== state.saved);
  $("undo").disabled = !state.undo.length;
  $("redo").disabled = !state.redo.length;
  $("routes").replaceChildren(...state.routes.map((one, index) => {
    const types = one.scenarios.map((scenario) => scenario.type).join(", ") || "no scenario";
    const item = element("li", { onclick: () => choose(index) },
      element("span", { textContent: `${one.id} ${one.town}` }), element("small", { textContent: types }));
    item.setAttribute("aria-current", index === state.current);
    return item;
  }));
  const one = route();
  $("route").hidden = !one;
  $("scenarios").replaceChildren(...(one ? one.scenarios.map(scenarioBox) : []));
  if (!one) return;
  const planned = planOf(one);
  $("route-id").value = one.id;
  $("length").textContent = one.keypoints.length < 2 ? "two waypoints at least"
    : planned?.error ?? (planned?.length ? `${planned.length} m, ${planned.changes} lane changes` : "…");
  const weather = one.weathers[0];
  $("weather-text").textContent = weather
    ? `sun ${weather.sun_altitude_angle ?? "–"}°, clouds ${weather.cloudiness ?? 0}, rain ${weather.precipitation ?? 0}`
    : "the leaderboard's default";
}

function scenarioBox(scenario, index) {
  const box = element("article", {
    onclick: () => { state.selected = { kind: "scenario", index }; showPanel(); view.paint(); } });
  box.setAttribute("aria-current", state.selected?.kind === "scenario" && state.selected.index === index);
  const problem = planOf(route())?.problems?.[scenario.name];
  box.append(element("h2", { textContent: scenario.name }),
    element("p", { textContent: state.types.get(scenario.type)?.summary ?? "no such type" }));
  if (problem) box.append(element("p", { className: "problem", textContent: problem }));
  const rows = element("div", { className: "parameter" });
  for (const [name, values] of Object.entries(scenario.parameters)) {
    for (const [attribute, value] of Object.entries(values)) {
      const input = element("input", { value, onclick: (event) => event.stopPropagation() });
      input.onchange = () => change(() => { route().scenarios[index].parameters[name][attribute] = input.value; });
      const label = attribute === "value" ? name : `${name} ${attribute}`;
      rows.append(element("span", { textContent: label }), input);
    }
  }
  box.append(rows);
  return box;
}

// -- mouse and keys

function hit(px, py) {
  const one = route();
  if (!one || one.town !== state.town) return null;
  const near = (x, y) => {
    const [qx, qy] = view.toScreen(Number(x), Number(y));
    return Math.hypot(qx - px, qy - py) <= HIT_PX;
  };
  for (const [index, scenario] of one.scenarios.entries()) {
    if (near(scenario.trigger[0], scenario.trigger[1])) return { kind: "scenario", index };
    for (const [name, values] of Object.entries(scenario.parameters)) {
      if ("x" in values && "y" in values && near(values.x, values.y)) return { kind: "place", index, name };
    }
  }
  const index = one.keypoints.findIndex((point) => near(point[0], point[1]));
  return index < 0 ? null : { kind: "point", index };
}

const canvas = $("map");
let press = null;

canvas.onpointerdown = (event) => {
  canvas.focus();
  canvas.setPointerCapture(event.pointerId);
  const chosen = event.button === 0 && !state.wanted.length ? hit(event.offsetX, event.offsetY) : null;
  press = { x: event.offsetX, y: event.offsetY, button: event.button, chosen, isDrag: false };
};
canvas.onpointermove = (event) => {
  state.mouse = view.toWorld(event.offsetX, event.offsetY);
  if (!press) return;
  press.isDrag ||= Math.hypot(event.offsetX - press.x, event.offsetY - press.y) > 4;
  if (press.isDrag && !press.chosen) view.pan(event.movementX, event.movementY);
};
canvas.onpointerup = (event) => {
  const { chosen, isDrag, button } = press ?? {};
  press = null;
  const [x, y] = view.toWorld(event.offsetX, event.offsetY);
  if (isDrag) return chosen ? moveTo(chosen, x, y) : undefined;
  if (button !== 0) return;
  if (!chosen) return addPoint(x, y);
  state.selected = chosen;
  showPanel();
  view.paint();
};
canvas.oncontextmenu = (event) => event.preventDefault();
canvas.addEventListener("wheel", (event) => {
  event.preventDefault();
  view.zoom(Math.exp(-event.deltaY * 0.0016), event.offsetX, event.offsetY);
}, { passive: false });

window.onkeydown = (event) => {
  if (event.target.matches("input, select")) return;
  const key = event.key.toLowerCase();
  if (event.ctrlKey || event.metaKey) {
    const actions = { z: event.shiftKey ? redo : undo, y: redo, s: save };
    if (actions[key]) { event.preventDefault(); actions[key](); }
    return;
  }
  const actions = { delete: removeSelected, backspace: removeSelected, n: newRoute, escape: leave, "/": openPalette,
    0: () => view.fit((route() && boxOf(route())) || view.bounds, 160) };
  if (actions[key]) { event.preventDefault(); actions[key](); }
  else if (state.keys[key]) addScenario(state.keys[key]);
};

const undo = () => travel(state.undo, state.redo);
const redo = () => travel(state.redo, state.undo);

function leave() {
  state.wanted = [];
  state.selected = null;
  say("");
  showPanel();
  view.paint();
}

// -- the palette: all types of scenario by a part of their name

function openPalette() {
  $("palette").hidden = false;
  $("palette-text").value = "";
  showPalette(0);
  $("palette-text").focus();
}

function showPalette(chosen) {
  const text = $("palette-text").value.toLowerCase();
  const found = [...state.types.values()].filter((one) => one.name.toLowerCase().includes(text)).slice(0, 40);
  const at = Math.min(Math.max(chosen, 0), found.length - 1);
  $("palette-list").replaceChildren(...found.map((one, index) => {
    const item = element("li", { onclick: () => take(one.name) }, one.name, element("small", { textContent: one.summary }));
    item.setAttribute("aria-selected", index === at);
    return item;
  }));
  $("palette-list").children[at]?.scrollIntoView({ block: "nearest" });
  Object.assign(showPalette, { at, found });
}

function take(name) {
  $("palette").hidden = true;
  canvas.focus();
  if (name) addScenario(name);
}

$("palette-text").oninput = () => showPalette(0);
$("palette-text").onkeydown = (event) => {
  const actions = {
    ArrowDown: () => showPalette(showPalette.at + 1), ArrowUp: () => showPalette(showPalette.at - 1),
    Enter: () => take(showPalette.found[showPalette.at]?.name), Escape: () => take(null) };
  if (actions[event.key]) { event.preventDefault(); actions[event.key](); }
};

// -- the start

$("save").onclick = save;
$("download").onclick = download;
$("load").onchange = (event) => { load(event.target.files[0]); event.target.value = ""; };
$("undo").onclick = undo;
$("redo").onclick = redo;
$("new").onclick = newRoute;
$("fit").onclick = () => view.fit((route() && boxOf(route())) || view.bounds, 160);
$("town").onchange = (event) => enterTown(event.target.value);
$("weather").onclick = drawWeather;
$("delete-route").onclick = () => change(() => { state.routes.splice(state.current, 1); state.selected = null; });
$("route-id").onchange = (event) => change(() => { route().id = event.target.value; });
window.onbeforeunload = (event) => { if (JSON.stringify(state.routes) !== state.saved) event.preventDefault(); };

function showKeys() {
  const fixed = [["click", "waypoint, at the end or after the chosen one"], ["drag", "move what is under the mouse, or the map"],
    ["wheel", "zoom"], ["Delete", "remove what is chosen"], ["n", "new route"], ["/", "scenario by name"], ["0", "fit"],
    ["Ctrl+Z, Ctrl+Y", "undo, redo"], ["Ctrl+S", "save"], ["Escape", "choose nothing"]];
  const rows = [...fixed, ...Object.entries(state.keys)];
  $("keys").replaceChildren(...rows.flatMap(([key, text]) => [
    element("dt", { textContent: key }), element("dd", { textContent: text })]));
}

trying(async () => {
  const start = await ask("/api/start");
  state.types = new Map(start.types.map((one) => [one.name, one]));
  Object.assign(state, { keys: start.keys, routes: start.routes, saved: JSON.stringify(start.routes) });
  $("file").textContent = start.file;
  document.title = start.file;
  $("town").replaceChildren(...start.towns.map((name) => element("option", { textContent: name })));
  showKeys();
  state.current = start.routes.length ? 0 : -1;
  await enterTown(start.town, start.routes.length ? boxOf(start.routes[0]) : null);
  changed();
})();
