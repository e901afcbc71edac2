// How a picture is looked at: how near, moved how far from the middle, and turned.

export interface Look {
  scale: number;
  x: number;
  y: number;
  turn: number;
}

export const fitted: Look = { scale: 1, x: 0, y: 0, turn: 0 };
const most = 16;

/** Nearer or farther by a factor, so that what is at a point (from the middle) stays there. */
export function zoomed(look: Look, by: number, at: { x: number; y: number }): Look {
  const scale = Math.min(Math.max(look.scale * by, 1), most);
  if (scale === 1) return { ...look, scale, x: 0, y: 0 };
  const grown = scale / look.scale;
  return { ...look, scale, x: at.x - (at.x - look.x) * grown, y: at.y - (at.y - look.y) * grown };
}

export function turned(look: Look): Look {
  return { ...look, turn: (look.turn + 90) % 360, x: 0, y: 0, scale: 1 };
}
