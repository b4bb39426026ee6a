"use strict";
(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const SPEEDS = [0.25, 0.5, 1, 2, 4];
  const BEFORE = "#d55e00", AFTER = "#0072b2"; // told apart by the colour-blind as well
  const GHOST = 0.35;

  const find = (id) => document.getElementById(id);
  const data = JSON.parse(find("animation").textContent);
  const frames = data.frames;
  const starts = startsOf(frames);
  const total = starts[frames.length];
  const state = {
    position: 0, // seconds
    place: -1, // of the frame that is drawn
    playing: false,
    speed: 1,
    loop: data.loop,
    onion: false,
    request: 0, // for the next tick
    before: null, // when the screen was last painted, ms; null if that says nothing
  };

  // ---- time

  /** When each frame starts, and last when all is over; errors of rounding don't add up. */
  function startsOf(frames) {
    const found = [0];
    let sum = 0, lost = 0; // Kahan's summation: ten thousand thirtieths end where they should
    for (const frame of frames) {
      const [over, under = 1] = frame.seconds.split("/").map(Number);
      const term = over / under - lost;
      const next = sum + term;
      lost = next - sum - term;
      sum = next;
      found.push(sum);
    }
    return found;
  }

  /** The frame that is shown at a moment. */
  function placeAt(position) {
    let low = 0, high = frames.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle] <= position) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  function seek(position) {
    state.position = Math.min(Math.max(position, 0), total);
    const place = placeAt(state.position);
    if (place !== state.place) {
      state.place = place;
      draw();
    }
    tellTime();
  }

  function tick(now) {
    // The time that has passed is scaled, not the time of day: another speed jumps nowhere.
    const passed = state.before === null ? 0 : Math.max(0, now - state.before) / 1000;
    state.before = now;
    const position = state.position + passed * state.speed;
    if (position < total) seek(position);
    else if (state.loop) seek(position % total);
    else {
      seek(total);
      return pause();
    }
    state.request = requestAnimationFrame(tick);
  }

  // ---- drawing

  function element(name, attributes, ...children) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  /** Every path has all its looks: it keeps them when someone moves it in a design tool. */
  function drawn(frame, tint) {
    const paths = frame.paths.map((d, place) => element("path", {
      d,
      fill: "none",
      stroke: tint ?? frame.colours?.[place] ?? data.stroke,
      "stroke-width": data.stroke_width,
      "stroke-linecap": "round",
      "stroke-linejoin": "round",
    }));
    return element("g", { opacity: (frame.opacity ?? 1) * (tint ? GHOST : 1) }, ...paths);
  }

  function paper() {
    const { width, height, background } = data;
    return background === null ? [] : [element("rect", { width, height, fill: background })];
  }

  function ghosts(place) {
    return [[-1, BEFORE], [1, AFTER]].flatMap(([by, tint]) => {
      const frame = frames[neighbour(place, by)];
      if (!frame || frames.length < 2) return [];
      const ghost = drawn(frame, tint);
      ghost.setAttribute("class", "ghost");
      return [ghost];
    });
  }

  /** The place of the frame before or after; round the end if it loops, else beyond it. */
  function neighbour(place, by) {
    const count = frames.length;
    return state.loop ? (place + by + count) % count : place + by;
  }

  function draw() {
    const frame = frames[state.place];
    const behind = state.onion ? ghosts(state.place) : [];
    find("picture").replaceChildren(...paper(), ...behind, drawn(frame));
    find("frame").textContent = `${state.place + 1} / ${frames.length}`;
    find("t").textContent = frame.t === undefined ? "–" : frame.t.toFixed(3);
    find("label").textContent = labelOf(frame) || "–";
  }

  function labelOf(frame) {
    return frame.label ?? data.label;
  }

  function tellTime() {
    const time = find("time");
    time.value = state.position;
    find("clock").textContent = `${state.position.toFixed(2)} / ${total.toFixed(2)} s`;
    // While it plays, a slider that speaks would never be silent.
    if (!state.playing) time.setAttribute("aria-valuetext", whereabouts());
  }

  function whereabouts() {
    return `frame ${state.place + 1} of ${frames.length}, ${state.position.toFixed(2)} s`;
  }

  function say(text) {
    find("said").textContent = text;
  }

  // ---- what the reader does

  function play() {
    if (frames.length < 2 || state.playing) return;
    if (state.position >= total) seek(0);
    state.playing = true;
    state.before = null;
    showPlaying();
    state.request = requestAnimationFrame(tick);
  }

  function pause() {
    state.playing = false;
    cancelAnimationFrame(state.request);
    showPlaying();
    tellTime();
  }

  function showPlaying() {
    const button = find("play");
    const name = state.playing ? "Pause" : "Play";
    button.classList.toggle("playing", state.playing);
    button.setAttribute("aria-label", name);
    button.title = name;
  }

  function toggle() {
    if (state.playing) pause();
    else play();
  }

  function go(place) {
    pause();
    seek(starts[Math.min(Math.max(place, 0), frames.length - 1)]);
    say(whereabouts());
  }

  function step(by) {
    go(neighbour(state.place, by));
  }

  function setSpeed(speed) {
    state.speed = speed;
    find("speed").value = String(speed);
  }

  function changeSpeed(by) {
    const place = SPEEDS.indexOf(state.speed) + by;
    if (place in SPEEDS) setSpeed(SPEEDS[place]);
    say(`speed ${state.speed}×`);
  }

  function press(name, isOn) {
    state[name] = isOn;
    find(name).setAttribute("aria-pressed", String(isOn));
    draw(); // both change what lies behind the frame
  }

  function toggleLoop() {
    press("loop", !state.loop);
  }

  function toggleOnion() {
    press("onion", !state.onion);
  }

  // ---- a frame as a file

  function asFile(place) {
    const { width, height, size } = data;
    const attributes = { width: size[0], height: size[1], viewBox: `0 0 ${width} ${height}` };
    const words = [labelOf(frames[place]), `frame ${place + 1} of ${frames.length}`];
    const title = element("title", {}, words.filter(Boolean).join(", "));
    const svg = element("svg", attributes, title, ...paper(), drawn(frames[place]));
    const text = new XMLSerializer().serializeToString(svg);
    return `<?xml version="1.0" encoding="utf-8"?>\n${text}\n`;
  }

  function download() {
    const number = String(state.place + 1).padStart(String(frames.length).length, "0");
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([asFile(state.place)], { type: "image/svg+xml" }));
    link.download = `${data.name}-${number}.svg`;
    link.click();
    // Not at once: some browsers begin to read it later.
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    say(`downloaded ${link.download}`);
  }

  // ---- keys and buttons

  const KEYS = {
    " ": toggle,
    arrowleft: () => step(-1),
    arrowright: () => step(1),
    home: () => go(0),
    end: () => go(frames.length - 1),
    "+": () => changeSpeed(1),
    "=": () => changeSpeed(1), // the same key without shift
    "-": () => changeSpeed(-1),
    "−": () => changeSpeed(-1),
    _: () => changeSpeed(-1),
    l: toggleLoop,
    o: toggleOnion,
    d: download,
  };

  function onKey(event) {
    const key = event.key.toLowerCase();
    if (event.ctrlKey || event.metaKey || event.altKey || !Object.hasOwn(KEYS, key)) return;
    // A button that has the focus takes the space bar itself, and the list of speeds all keys.
    const at = event.target;
    if (at.localName === "select" || (at.localName === "button" && key === " ")) return;
    const isStep = key.startsWith("arrow") || key === "+" || key === "-";
    if (event.repeat && !isStep) return;
    event.preventDefault();
    KEYS[key]();
  }

  function listen() {
    document.addEventListener("keydown", onKey);
    // Time away from the page is not time in which it plays.
    document.addEventListener("visibilitychange", () => { state.before = null; });
    find("play").addEventListener("click", toggle);
    find("previous").addEventListener("click", () => step(-1));
    find("next").addEventListener("click", () => step(1));
    find("loop").addEventListener("click", toggleLoop);
    find("onion").addEventListener("click", toggleOnion);
    find("download").addEventListener("click", download);
    find("speed").addEventListener("change", (event) => setSpeed(Number(event.target.value)));
    find("time").addEventListener("input", (event) => {
      const position = Number(event.target.value);
      if (state.playing) pause();
      seek(position);
    });
  }

  function begin() {
    find("speed").append(...SPEEDS.map((speed) => new Option(`${speed}×`, speed)));
    find("time").max = total;
    find("t").parentNode.hidden = frames.every((frame) => frame.t === undefined);
    find("label").parentNode.hidden = frames.every((frame) => frame.label === undefined);
    for (const id of ["time", "previous", "play", "next", "onion", "loop"]) {
      find(id).disabled = frames.length < 2;
    }
    setSpeed(1);
    seek(0);
    press("loop", data.loop);
    listen();
    find("player").hidden = false;
    const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (data.autoplay && !isCalm) play();
  }

  begin();
})();
