// Boxes whose areas are as the weights are: the squarified layout (Bruls, Huizing
// and van Wijk), which keeps them near to squares.

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** One box for each weight, in their order; weights must be sorted, the heaviest first, and be above 0. */
export function boxes(weights: readonly number[], room: Box): Box[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (total <= 0 || room.width <= 0 || room.height <= 0) return weights.map(() => ({ x: room.x, y: room.y, width: 0, height: 0 }));
  const scale = (room.width * room.height) / total;
  const placed: Box[] = [];
  let left = { ...room };
  let at = 0;
  while (at < weights.length) {
    const side = Math.min(left.width, left.height);
    let end = at + 1;
    let sum = (weights[at] ?? 0) * scale;
    let worst = ratio(weights, at, end, sum, side, scale);
    while (end < weights.length) {
      const more = sum + (weights[end] ?? 0) * scale;
      const next = ratio(weights, at, end + 1, more, side, scale);
      if (next > worst) break;
      sum = more;
      worst = next;
      end += 1;
    }
    left = layRow(weights, at, end, sum, left, scale, placed);
    at = end;
  }
  return placed;
}

/** How far the flattest box of a row is from a square. */
function ratio(weights: readonly number[], from: number, to: number, sum: number, side: number, scale: number): number {
  const most = (weights[from] ?? 0) * scale;
  const least = (weights[to - 1] ?? 0) * scale;
  return Math.max((side * side * most) / (sum * sum), (sum * sum) / (side * side * Math.max(least, 1e-9)));
}

/** Places a row along the shorter side, and returns the room that is left. */
function layRow(weights: readonly number[], from: number, to: number, sum: number, room: Box, scale: number, placed: Box[]): Box {
  const across = room.width < room.height;
  const side = across ? room.width : room.height;
  const depth = side === 0 ? 0 : sum / side;
  let at = across ? room.x : room.y;
  for (let i = from; i < to; i++) {
    const length = depth === 0 ? 0 : ((weights[i] ?? 0) * scale) / depth;
    placed.push(across ? { x: at, y: room.y, width: length, height: depth } : { x: room.x, y: at, width: depth, height: length });
    at += length;
  }
  return across
    ? { ...room, y: room.y + depth, height: Math.max(room.height - depth, 0) }
    : { ...room, x: room.x + depth, width: Math.max(room.width - depth, 0) };
}
