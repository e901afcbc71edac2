import { decode, isBlurhashValid } from "blurhash";
import { useEffect, useRef } from "react";

const side = 32;

/** The colours of a picture that is not there yet, in the box that it will fill. */
export function Blur({ hash, className }: { hash: string; className?: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context || !isBlurhashValid(hash).result) return;
    context.putImageData(new ImageData(new Uint8ClampedArray(decode(hash, side, side)), side, side), 0, 0);
  }, [hash]);
  return <canvas ref={canvas} width={side} height={side} aria-hidden className={className} />;
}
