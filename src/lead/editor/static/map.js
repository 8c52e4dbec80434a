// The map: a canvas that pans and zooms. Lanes are drawn once to a picture, which is shifted and scaled while the
// view moves and drawn anew when it rests; what is edited lies on top of it and is drawn every time.

const TILE = 400;      // m: lanes are kept in tiles, so that only those in view are drawn
const ARROWS = 30;     // m between the arrows along a lane
const REST_MS = 90;    // the view rests when nothing moved it for so long

export class TownView {
  constructor(canvas, paintOverlay) {
    this.canvas = canvas;
    this.paintOverlay = paintOverlay;
    this.context = canvas.getContext("2d");
    this.picture = document.createElement("canvas");
    this.pictureView = null;
    this.scale = 1;    // pixels a metre
    this.x = 0;        // the world's place in the middle of the canvas, m
    this.y = 0;
    this.tiles = new Map();
    this.signs = {};
    this.bounds = null;
    new ResizeObserver(() => this.resize()).observe(canvas);
  }

  setTown(drawing) {
    this.tiles.clear();
    let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
    for (const lane of drawing.lanes) {
      const p = lane.p;
      const key = `${Math.floor(p[0] / 10 / TILE)},${Math.floor(p[1] / 10 / TILE)}`;
      if (!this.tiles.has(key)) this.tiles.set(key, { box: [Infinity, Infinity, -Infinity, -Infinity], paths: new Map(), arrows: [] });
      const tile = this.tiles.get(key);
      const kind = `${lane.j}|${lane.w}`;
      if (!tile.paths.has(kind)) tile.paths.set(kind, { junction: lane.j, width: lane.w / 10, path: new Path2D() });
      const path = tile.paths.get(kind).path;
      for (let i = 0; i < p.length; i += 2) {
        const x = p[i] / 10, y = p[i + 1] / 10;
        if (i) path.lineTo(x, y); else path.moveTo(x, y);
        const b = tile.box;
        b[0] = Math.min(b[0], x); b[1] = Math.min(b[1], y); b[2] = Math.max(b[2], x); b[3] = Math.max(b[3], y);
      }
      tile.arrows.push(...arrowsOn(p));
      [left, top] = [Math.min(left, tile.box[0]), Math.min(top, tile.box[1])];
      [right, bottom] = [Math.max(right, tile.box[2]), Math.max(bottom, tile.box[3])];
    }
    this.signs = drawing.signs;
    this.bounds = [left, top, right, bottom];
    this.pictureView = null;
  }

  fit(box, margin = 60) {
    if (!box || !isFinite(box[0])) return;
    const width = Math.max(box[2] - box[0], 40), height = Math.max(box[3] - box[1], 40);
    this.scale = Math.min((this.width - margin) / width, (this.height - margin) / height);
    [this.x, this.y] = [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
    this.moved();
  }

  resize() {
    const ratio = window.devicePixelRatio || 1;
    this.width = this.canvas.clientWidth;
    this.height = this.canvas.clientHeight;
    this.ratio = ratio;
    for (const one of [this.canvas, this.picture]) {
      one.width = Math.round(this.width * ratio);
      one.height = Math.round(this.height * ratio);
    }
    this.pictureView = null;
    this.paint();
  }

  toWorld(px, py) {
    return [this.x + (px - this.width / 2) / this.scale, this.y + (py - this.height / 2) / this.scale];
  }

  toScreen(x, y) {
    return [(x - this.x) * this.scale + this.width / 2, (y - this.y) * this.scale + this.height / 2];
  }

  pan(dx, dy) {
    this.x -= dx / this.scale;
    this.y -= dy / this.scale;
    this.moved();
  }

  zoom(factor, px, py) {
    const [x, y] = this.toWorld(px, py);
    this.scale = Math.min(Math.max(this.scale * factor, 0.02), 60);
    this.x = x - (px - this.width / 2) / this.scale;
    this.y = y - (py - this.height / 2) / this.scale;
    this.moved();
  }

  moved() {
    this.paint();
    clearTimeout(this.rest);
    this.rest = setTimeout(() => { this.pictureView = null; this.paint(); }, REST_MS);
  }

  paint() {
    if (this.pending) return;
    this.pending = requestAnimationFrame(() => { this.pending = 0; this.paintNow(); });
  }

  paintNow() {
    if (!this.width) return;
    if (!this.pictureView) this.paintPicture();
    const { context, ratio } = this;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = "#f6f4ef";
    context.fillRect(0, 0, this.canvas.width, this.canvas.height);
    const view = this.pictureView, grow = this.scale / view.scale;
    const [px, py] = this.toScreen(view.x, view.y);
    const width = this.width * grow, height = this.height * grow;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.drawImage(this.picture, px - width / 2, py - height / 2, width, height);
    this.paintOverlay(context, this);
  }

  paintPicture() {
    const context = this.picture.getContext("2d"), { scale, ratio } = this;
    this.pictureView = { x: this.x, y: this.y, scale };
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = "#f6f4ef";
    context.fillRect(0, 0, this.picture.width, this.picture.height);
    const [left, top] = this.toWorld(0, 0), [right, bottom] = this.toWorld(this.width, this.height);
    const seen = [...this.tiles.values()].filter(
      ({ box }) => box[0] < right + 5 && box[2] > left - 5 && box[1] < bottom + 5 && box[3] > top - 5);
    context.setTransform(scale * ratio, 0, 0, scale * ratio,
      (this.width / 2 - this.x * scale) * ratio, (this.height / 2 - this.y * scale) * ratio);
    context.lineCap = "butt";
    for (const part of ["road", "middle"]) {
      if (part === "middle" && scale < 1.2) break;
      for (const tile of seen) {
        for (const one of tile.paths.values()) {
          context.strokeStyle = part === "middle" ? "#ffffff66" : one.junction ? "#9aa5b1" : "#aab4bf";
          context.lineWidth = part === "middle" ? 1 / scale : Math.max(one.width - 0.15, 1.1 / scale);
          context.stroke(one.path);
        }
      }
    }
    if (scale > 2.5) this.paintArrows(context, seen);
    if (scale > 0.8) this.paintSigns(context, left, top, right, bottom);
  }

  paintArrows(context, seen) {
    const size = Math.max(0.9, 4 / this.scale);
    context.beginPath();
    for (const { arrows } of seen) {
      for (const [x, y, dx, dy] of arrows) {
        context.moveTo(x - size * (dx + dy), y - size * (dy - dx));
        context.lineTo(x, y);
        context.lineTo(x - size * (dx - dy), y - size * (dy + dx));
      }
    }
    context.strokeStyle = "#ffffffcc";
    context.lineWidth = 1.6 / this.scale;
    context.stroke();
  }

  paintSigns(context, left, top, right, bottom) {
    const colours = { light: "#2f855a", stop: "#c53030", yield: "#dd6b20" };
    const size = Math.max(1.2, 4 / this.scale);
    for (const [kind, places] of Object.entries(this.signs)) {
      context.fillStyle = colours[kind];
      for (let i = 0; i < places.length; i += 2) {
        const x = places[i] / 10, y = places[i + 1] / 10;
        if (x > left && x < right && y > top && y < bottom) context.fillRect(x - size / 2, y - size / 2, size, size);
      }
    }
  }
}

// Places and directions of the arrows along a lane whose points are given in decimetres.
function arrowsOn(p) {
  const found = [];
  let next = ARROWS / 3, done = 0;
  for (let i = 2; i < p.length; i += 2) {
    const [x, y] = [p[i - 2] / 10, p[i - 1] / 10];
    const [dx, dy] = [p[i] / 10 - x, p[i + 1] / 10 - y];
    const length = Math.hypot(dx, dy);
    for (; length && next < done + length; next += ARROWS) {
      const share = (next - done) / length;
      found.push([x + share * dx, y + share * dy, dx / length, dy / length]);
    }
    done += length;
  }
  return found;
}
