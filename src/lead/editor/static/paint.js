// What lies over the map: routes with their waypoints, scenarios and the places of flows.

import { planOf, route, state } from "./state.js";

const colours = { way: "#0f766e", other: "#8aa6c1", point: "#ffffff", scenario: "#c2410c", place: "#7c3aed" };

export function paintOverlay(context, view) {
  for (const [index, one] of state.routes.entries()) {
    if (one.town === state.town && index !== state.current) paintRoute(context, view, one, false);
  }
  if (route()?.town === state.town) paintRoute(context, view, route(), true);
}

function paintRoute(context, view, one, isCurrent) {
  const points = planOf(one)?.points ?? [];
  context.beginPath();
  for (let i = 0; i < points.length; i += 2) context.lineTo(...view.toScreen(points[i], points[i + 1]));
  context.strokeStyle = isCurrent ? colours.way : colours.other;
  context.lineWidth = isCurrent ? 4 : 2;
  context.lineJoin = "round";
  context.stroke();
  if (!isCurrent) return;
  one.keypoints.forEach((point, index) => {
    const [px, py] = view.toScreen(point[0], point[1]);
    const isChosen = state.selected?.kind === "point" && state.selected.index === index;
    dot(context, px, py, isChosen ? 8 : 6, colours.point, colours.way, index === 0 ? "S" : "");
  });
  one.scenarios.forEach((scenario, index) => paintScenario(context, view, scenario, index));
}

function paintScenario(context, view, scenario, index) {
  const [x, y, , yaw] = scenario.trigger;
  const [px, py] = view.toScreen(x, y);
  const isChosen = state.selected?.kind === "scenario" && state.selected.index === index;
  const turn = yaw * Math.PI / 180, size = isChosen ? 14 : 11;
  context.save();
  context.translate(px, py);
  context.rotate(turn);
  context.beginPath();
  context.moveTo(size, 0); context.lineTo(-size * 0.7, size * 0.7); context.lineTo(-size * 0.7, -size * 0.7);
  context.closePath();
  context.fillStyle = colours.scenario;
  context.strokeStyle = "#fff";
  context.lineWidth = 2;
  context.fill();
  context.stroke();
  context.restore();
  label(context, px + 14, py - 10, scenario.name);
  for (const [name, values] of Object.entries(scenario.parameters)) {
    if (!("x" in values && "y" in values)) continue;
    const [qx, qy] = view.toScreen(Number(values.x), Number(values.y));
    dot(context, qx, qy, 5, colours.place, "#fff", "");
    if (view.scale > 1) label(context, qx + 8, qy - 6, name);
  }
}

function dot(context, px, py, radius, fill, stroke, text) {
  context.beginPath();
  context.arc(px, py, radius, 0, 2 * Math.PI);
  context.fillStyle = fill;
  context.fill();
  context.lineWidth = 2.5;
  context.strokeStyle = stroke;
  context.stroke();
  if (text) {
    context.fillStyle = stroke;
    context.font = "bold 9px system-ui";
    context.fillText(text, px - 3, py + 3);
  }
}

function label(context, px, py, text) {
  context.font = "12px system-ui";
  context.lineWidth = 3;
  context.strokeStyle = "#fffd";
  context.strokeText(text, px, py);
  context.fillStyle = "#1d2733";
  context.fillText(text, px, py);
}
