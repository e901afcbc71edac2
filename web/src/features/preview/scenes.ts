/** How many scenes stand side by side in a strip of this size; they have the shape of the film. */
export function scenesIn(strip: { width: number; height: number }, film: { width?: number; height?: number } | undefined): number {
  const { width = 0, height = 0 } = film ?? {};
  const shape = width > 0 && height > 0 ? width / height : 16 / 9;
  return strip.height > 0 ? Math.max(1, Math.round(strip.width / (strip.height * shape))) : 1;
}
