// The editor's state. All routes are one plain value; every change makes a new one and keeps the old one, so that undo
// and redo are two lists.

export const state = {
  routes: [], current: -1, selected: null, town: "", saved: "[]",
  undo: [], redo: [], plans: new Map(), wanted: [], mouse: [0, 0], types: new Map(), keys: {},
};

export const route = () => state.routes[state.current];

// What the server planned for a route, if anything yet.
export const planOf = (one) => state.plans.get(planKey(one));

export function planKey(one) {
  return JSON.stringify([one.town, one.keypoints, one.scenarios]);
}

export function boxOf(one) {
  const points = planOf(one)?.points ?? [];
  const xs = one.keypoints.map((p) => p[0]).concat(points.filter((_, i) => i % 2 === 0));
  const ys = one.keypoints.map((p) => p[1]).concat(points.filter((_, i) => i % 2 === 1));
  return xs.length ? [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)] : null;
}
