// Checks that run inside the page.

export function ok(value, words) {
  if (!value) throw new Error(words);
}

export async function until(what, test, patience = 15_000) {
  const end = Date.now() + patience;
  for (;;) {
    const value = await test();
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited ${patience / 1000} s for ${what}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** Waits until nothing fades or moves any more that ever ends: what fades in has too little contrast. */
export async function settled(page) {
  await page.evaluate(() => Promise.allSettled(document.getAnimations().filter((a) => Number.isFinite(a.effect?.getComputedTiming().endTime)).map((a) => a.finished)));
}

/** Texts with less contrast than WCAG AA asks for, as words. */
export function poorContrast(page) {
  return page.evaluate(() => {
    const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    const rgba = (colour) => {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
      return [r, g, b, a / 255];
    };
    const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
    const ground = (element) => {
      const layers = [];
      for (let at = element; at; at = at.parentElement) layers.push(rgba(getComputedStyle(at).backgroundColor));
      return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255, 1]);
    };
    const light = (c) => {
      const [r, g, b] = c.map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const poor = new Set();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let text = walker.nextNode(); text; text = walker.nextNode()) {
      const element = text.parentElement;
      if (!text.data.trim() || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) || element.closest(":disabled, .sr-only, noscript")) continue;
      const behind = ground(element);
      const [a, b] = [light(over(rgba(getComputedStyle(element).color), behind)), light(behind)].sort((x, y) => y - x);
      const ratio = (a + 0.05) / (b + 0.05);
      if (ratio < 4.5) poor.add(`${ratio.toFixed(2)}: “${text.data.trim().slice(0, 40)}”`);
    }
    return [...poor];
  });
}

/** Buttons and fields that have no name for a screen reader, as markup. */
export function nameless(page) {
  return page.evaluate(() =>
    [...document.querySelectorAll("button, a[href], input, select, [role=grid], [role=progressbar], dialog, iframe, img")]
      .filter((e) => e.checkVisibility() && e.getAttribute("aria-hidden") !== "true")
      .filter((e) => !(e.ariaLabel || e.getAttribute("aria-labelledby") || e.title || e.alt || e.textContent.trim() || e.querySelector("[role=img][aria-label]") || (e.labels?.length ?? 0) > 0 || (e.tagName === "IMG" && e.getAttribute("alt") === "")))
      .map((e) => e.outerHTML.slice(0, 120)));
}

export const sidewaysScroll = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
