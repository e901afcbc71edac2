// Bytes for files that exist only in the fake daemon's tree.
import { createReadStream } from "node:fs";
import { deflateSync, crc32 as nodeCrc } from "node:zlib";

const types = {
  jpg: "image/png", png: "image/png", webp: "image/png", txt: "text/plain", md: "text/markdown", go: "text/x-go", py: "text/x-python", ts: "text/x-typescript",
  json: "application/json", csv: "text/csv", log: "text/plain", wav: "audio/wav", pdf: "application/pdf", mp4: "video/mp4", heic: "image/heic", svg: "image/svg+xml",
};

export function mimeOf(name) {
  return types[name.split(".").pop().toLowerCase()] ?? "";
}

function crc32(data) {
  if (nodeCrc) return nodeCrc(data);
  let c = ~0;
  for (const byte of data) {
    c ^= byte;
    for (let k = 0; k < 8; k++) c = (c >>> 1) ^ (0xedb88320 & -(c & 1));
  }
  return ~c >>> 0;
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}

/** A picture of hills at dusk; the seed moves them. */
export function picture(seed, width = 480, height = 320) {
  const rows = Buffer.alloc((width * 3 + 1) * height);
  const hue = (seed * 47) % 90;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * (width * 3 + 1) + 1 + x * 3;
      let colour = [250 - y * 0.45, 190 - y * 0.3 - hue * 0.4, 150 + hue + y * 0.15];
      for (let hill = 0; hill < 4; hill++) {
        const top = 130 + hill * 45 + 26 * Math.sin((x / width) * (3 + hill) + seed + hill * 2) + 8 * Math.sin(x / 23 + seed * 3);
        if (y > top) colour = [90 - hill * 20, 96 - hill * 18 + hue * 0.2, 130 - hill * 24];
      }
      for (let i = 0; i < 3; i++) rows[at + i] = Math.max(0, Math.min(255, colour[i]));
    }
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]), chunk("IHDR", head), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))]);
}

/** A second of a plain tone. */
export function tone() {
  const samples = 8000;
  const out = Buffer.alloc(44 + samples);
  out.write("RIFF", 0);
  out.writeUInt32LE(36 + samples, 4);
  out.write("WAVEfmt ", 8);
  out.writeUInt32LE(16, 16);
  out.writeUInt16LE(1, 20);
  out.writeUInt16LE(1, 22);
  out.writeUInt32LE(8000, 24);
  out.writeUInt32LE(8000, 28);
  out.writeUInt16LE(1, 32);
  out.writeUInt16LE(8, 34);
  out.write("data", 36);
  out.writeUInt32LE(samples, 40);
  for (let i = 0; i < samples; i++) out[44 + i] = 128 + 40 * Math.sin((i / 8000) * 440 * 2 * Math.PI);
  return out;
}

const text = (name) => `${name}\n${"=".repeat(name.length)}\n\n${"The harbour lay still in the morning light. Nobody had touched the boats since the storm, and the gulls had taken over the pier.\n".repeat(30)}`;

/** The bytes of a node: of the real file, or made up to fit its name. */
export function bytesOf(n) {
  if (n.disk !== undefined) return createReadStream(n.disk);
  const mime = mimeOf(n.name);
  const seed = [...n.name].reduce((s, c) => s + c.charCodeAt(0), 0);
  if (mime === "image/svg+xml") return Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><script>top.hacked = 1</script><circle cx="5" cy="5" r="4" fill="teal"/></svg>');
  if (mime.startsWith("image/")) return picture(seed % 97);
  if (mime === "audio/wav") return tone();
  return Buffer.from(text(n.name));
}
