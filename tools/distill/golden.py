"""Makes the test data of internal/embed with the reference implementations.

    pip install -r requirements-golden.txt
    python golden.py FOLDER ../../internal/embed/testdata

FOLDER is the model's own folder, as distill.py unpacks it. Written are

    wordpiece.json   strings, and their pieces by Hugging Face's tokenizers
    tiny/            a BERT of a few kilobytes with random weights, as a model folder
    tiny.json        sentences and their vectors by transformers and torch
    minilm.json      the same of the real model, which is not part of the sources
"""

import base64
import json
import pathlib
import random
import sys

import numpy as np
import torch
from tokenizers import Tokenizer
from tokenizers.implementations import BertWordPieceTokenizer
from transformers import BertConfig, BertModel

import minilm

SENTENCES = [
    "This is an example sentence.",
    "How much room is left on my drive?",
    "The quick brown fox jumps over the lazy dog",
    "Ünïcödé, 東京 and 🙂 emoji",
    "a",
    "Photographs of the children at the lake, summer 1998. " * 3,
    "one two three four five six seven eight nine ten " * 60,  # longer than a model looks at
]

STRINGS = [
    "", " ", "\t\n\r", "hello", "Hello World", "HELLO, WORLD!", "don't stop", "it's 5 o'clock", "e-mail address", "C++ and C#",
    "price: $9.99 (incl. 19% VAT)", "foo_bar.baz/qux", "~/.config/app.toml", "C:\\Users\\me\\file.txt", "IMG_20240131_123456.jpg",
    "https://example.org/a?b=c&d=e#f", "user@example.com", "v1.2.3-rc.4+build5", "[CLS] [SEP] [UNK] [MASK] [PAD]", "[unused7]", "##ing",
    "…and so on", "“quoted” ‘text’ — dash – en", "naïve café résumé", "Zürich Öl Äpfel Straße", "ÅNGSTRÖM ångström", "Dvořák Łódź Þór Æsir",
    "İstanbul ıssız", "ΑΒΓ αβγ ΟΔΥΣΣΕΎΣ ὀδυσσεύς", "Война и мир, ЁЖ ё й", "שָׁלוֹם עולם", "السَّلَامُ عليكم", "हिन्दी में", "ภาษาไทย", "தமிழ்",
    "日本語のテキスト", "東京タワー", "中文字符测试", "中文abc混合123", "한국어 텍스트", "각 가", "ｶﾞ ﾊﾟ", "ﬃ ﬁ", "①②③ ½ ²", "Ⅳ ⅷ", "豈更車", "𠀋𡈽", "㐀㐁",
    "🙂", "👩‍💻 family 👨‍👩‍👧", "❤️ ☎ ✈", "🏳️‍🌈", "a🙂b", "\u200b zero\u200bwidth", "\u00adsoft\u00adhyphen", "\ufeffbom", "nbsp\u00a0here",
    "\u2028line\u2029para", "\u3000wide space", "tab\tnew\nline", "null\x00byte", "\x01\x02control\x7f", "\u0085next line", "\ufffdreplacement",
    "e\u0301 combining", "o\u0308\u0304 two marks", "\u0301alone", "a" + "\u0301" * 40 + "b", "x" * 99, "x" * 100, "x" * 101, "é" * 100, "é" * 101,
    "y" * 500, "中" * 120, "!" * 50, "a-" * 40, "9" * 30, "1234567890", "3.14159", "0x7fffffff", "1e-9", "١٢٣", "ⅻ",
    "supercalifragilisticexpialidocious", "antidisestablishmentarianism", "pneumonoultramicroscopicsilicovolcanoconiosis", "tokenization", "unaffable",
    "embeddings", "Kubernetes", "qwertyuiop", "zzzzzz", "xyzzy plugh", "AbCdEf", "iPhone iPad macOS", "snake_case camelCase kebab-case",
    "«guillemets» ¿qué? ¡sí!", "§5 ¶2 †note", "€100 £20 ¥30", "a±b×c÷d", "∀x∈ℝ: x²≥0", "→ ⇒ ↔", "™ © ®", "°C °F", "№ 5", "½ cup", "‰", "´ ` ¨ ^",
    "·middle·dot", "•bullet", "\u2011hyphen", "soft\u2010hyphen", "٪ ، ؟", "。、！？", "「括弧」『二重』", "（全角）", "ＡＢＣ１２３", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢", "𝒜𝓁𝓅𝒽𝒶",
    "\ue000private", "\U000e0041tag", "\u2066isolate\u2069", "\u202aembedding\u202c", "ǅ ǆ Ǆ", "ŒUVRE œuvre", "ßẞ", "ĳ Ĳ", "ŉ ǰ ΐ", "K (Kelvin) Å (Angstrom)",
    "ñandú piñata", "São Paulo coração", "Gdańsk Kraków", "Việt Nam Đà Nẵng", "Čeština žluťoučký kůň", "Türkçe ğüşıöç", "Íslenska þú", "românește șț",
    "naive  double  spaces ", "  leading", "trailing  ", "a.b,c;d:e", "(a)[b]{c}<d>", "a|b\\c/d", "#hashtag @mention", "50%", "a=b&c=d", "'''", '"""', "--flag=value", "*.txt",
]


def invalid():
    """Bytes that are not UTF-8, which stand in the file as base64."""
    return [b"\xff", b"ab\xffcd", b"caf\xe9", b"\xc3", b"\xed\xa0\x80 surrogate", b"\xf0\x9f\x98", b"ok \xc0\xaf bad", b"\xe4\xb8", b"a\x80\x80b c"]


def mixtures(n):
    """Strings of random signs of all sorts."""
    r = random.Random(7)
    ranges = [(0x20, 0x7e)] * 4 + [(0xa0, 0x17f), (0x370, 0x3ff), (0x400, 0x4ff), (0x5d0, 0x5ea), (0x2010, 0x2030), (0x3040, 0x30ff), (0x4e00, 0x9fff), (0xac00, 0xd7a3), (0x1f600, 0x1f64f), (0x300, 0x36f)]
    return ["".join(chr(r.randint(*r.choice(ranges))) for _ in range(r.randint(3, 30))) for _ in range(n)]


def wordpiece(folder, out):
    t = BertWordPieceTokenizer(str(folder / "vocab.txt"), lowercase=True)
    t.add_special_tokens([])
    plain = Tokenizer.from_str(t.to_str())
    cases = []
    for b in [s.encode() for s in STRINGS + mixtures(60)] + invalid():
        # Names of the markers are no markers in a text: the pieces are asked of the parts.
        text = plain.normalizer.normalize_str(b.decode("utf-8", "replace"))
        pieces = []
        for word, _ in plain.pre_tokenizer.pre_tokenize_str(text):
            pieces += [p.value for p in plain.model.tokenize(word)]
        cases.append({"text": base64.b64encode(b).decode(), "pieces": pieces})
    dump(out / "wordpiece.json", cases)
    print(len(cases), "strings")


def vectors(model, tokenizer, most, sentences=SENTENCES):
    tokenizer.enable_truncation(most)
    cases = []
    for s in sentences:
        ids = torch.tensor([tokenizer.encode(s).ids])
        with torch.no_grad():
            h = model(input_ids=ids).last_hidden_state[0].double()
        v = torch.nn.functional.normalize(h.mean(0), dim=0)
        cases.append({"text": s, "vector": [round(float(x), 7) for x in v]})
    return cases


def tiny(out):
    folder = out / "tiny"
    folder.mkdir(parents=True, exist_ok=True)
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + list("abcdefghijklmnopqrstuvwxyz.,?") + ["##" + c for c in "abcdefghijklmnopqrstuvwxyz"]
    pieces += ["the", "is", "on", "my", "of", "fox", "dog", "##ow", "##ing", "th", "ex", "##amp", "##le"]
    (folder / "vocab.txt").write_text("\n".join(pieces) + "\n")
    torch.manual_seed(5)
    config = BertConfig(vocab_size=len(pieces), hidden_size=16, num_hidden_layers=2, num_attention_heads=4, intermediate_size=24, max_position_embeddings=32, hidden_act="gelu", initializer_range=0.4)
    model = BertModel(config, add_pooling_layer=False).eval()
    keep = "model_type hidden_size num_hidden_layers num_attention_heads intermediate_size max_position_embeddings hidden_act layer_norm_eps vocab_size type_vocab_size".split()
    dump(folder / "config.json", {k: getattr(config, k) for k in keep})
    with torch.no_grad():  # as they begin, layer norms and biases would hide mistakes
        for name, p in model.named_parameters():
            if "LayerNorm.weight" in name:
                p.add_(torch.randn_like(p) * 0.2)
            elif p.dim() == 1:
                p.add_(torch.randn_like(p) * 0.2)
    minilm.write_safetensors(folder / "model.safetensors", {k: p.detach().numpy() for k, p in model.named_parameters()})
    dump(out / "tiny.json", vectors(model, BertWordPieceTokenizer(str(folder / "vocab.txt"), lowercase=True), 32))
    return folder


def check(folder, cases):
    """The numpy version, which distill.py goes by, agrees with the reference."""
    w, config = minilm.read_safetensors(folder / "model.safetensors"), json.loads((folder / "config.json").read_text())
    t = BertWordPieceTokenizer(str(folder / "vocab.txt"), lowercase=True)
    for c in cases[:5]:
        v = minilm.forward(w, config, np.array([t.encode(c["text"]).ids]))[0].mean(0)
        off = np.abs(v / np.linalg.norm(v) - c["vector"]).max()
        if off > 1e-5:
            raise SystemExit(f"numpy and torch differ by {off} in {c['text']!r}")


def dump(path, value):
    path.write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("},{", "},\n{") + "\n", encoding="utf-8")


def main():
    folder, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    wordpiece(folder, out)
    small = tiny(out)
    check(small, json.loads((out / "tiny.json").read_text(encoding="utf-8")))
    model = BertModel.from_pretrained(folder, add_pooling_layer=False).eval()
    cases = vectors(model, BertWordPieceTokenizer(str(folder / "vocab.txt"), lowercase=True), 256, SENTENCES[:-1])
    check(folder, cases)
    dump(out / "minilm.json", cases)


if __name__ == "__main__":
    main()
