package words

import (
	"strings"

	"github.com/abadojack/whatlanggo"
	"golang.org/x/text/language"

	"github.com/stardrive/stardrive/internal/media"
)

// LanguageOf guesses the language of a text, BCP 47; "" when it cannot be sure: of
// a few words, or lists of names and numbers.
func LanguageOf(s string) string {
	const enough, halves, most = 100, 1000, 8 << 10
	if len(s) < enough {
		return ""
	}
	s = s[:min(len(s), most)]
	lang := detect(s)
	if len(s) >= halves && (detect(s[:len(s)/2]) != lang || detect(s[len(s)/2:]) != lang) {
		return "" // lists and tables look now like this language, now like that
	}
	return lang
}

func detect(s string) string {
	info := whatlanggo.Detect(strings.ToValidUTF8(s, ""))
	if !info.IsReliable() {
		return ""
	}
	return info.Lang.Iso6391()
}

// tagOf makes a BCP 47 tag of what documents say: "en_US", "DE"; "" of anything
// else.
func tagOf(s string) string {
	if s = strings.TrimSpace(s); s == "" {
		return ""
	}
	tag, err := language.Parse(strings.ReplaceAll(s, "_", "-"))
	if err != nil || tag == language.Und {
		return ""
	}
	return tag.String()
}

// codeLanguage notes the programming language, by the media type.
func (d *doc) codeLanguage(ask media.Ask) {
	if ask.Kind != "code" {
		return
	}
	if name := codeNames()[ask.MIME]; name != "" {
		d.facts.Language = name
	}
}

// codeNames names the languages of the media types of code.
func codeNames() map[string]string {
	return map[string]string{
		"text/x-go": "Go", "text/x-python": "Python", "application/x-python": "Python", "application/x-ipynb+json": "Jupyter Notebook", "text/x-c": "C",
		"text/x-c++": "C++", "text/x-rust": "Rust", "text/javascript": "JavaScript", "text/x-typescript": "TypeScript", "text/x-vue": "Vue",
		"text/x-svelte": "Svelte", "text/css": "CSS", "text/x-scss": "SCSS", "text/x-less": "Less", "text/xml": "XML", "text/x-java": "Java",
		"text/x-kotlin": "Kotlin", "text/x-scala": "Scala", "text/x-groovy": "Groovy", "text/x-clojure": "Clojure", "text/x-swift": "Swift",
		"text/x-objectivec": "Objective-C", "text/x-csharp": "C#", "text/x-fsharp": "F#", "text/x-vb": "Visual Basic", "text/x-ruby": "Ruby",
		"text/x-php": "PHP", "text/x-perl": "Perl", "text/x-lua": "Lua", "text/x-r": "R", "text/x-julia": "Julia", "text/x-dart": "Dart",
		"text/x-elixir": "Elixir", "text/x-erlang": "Erlang", "text/x-haskell": "Haskell", "text/x-ocaml": "OCaml", "text/x-lisp": "Lisp",
		"text/x-scheme": "Scheme", "text/x-nim": "Nim", "text/x-zig": "Zig", "text/x-v": "V", "text/x-verilog": "Verilog", "text/x-vhdl": "VHDL",
		"text/x-solidity": "Solidity", "text/x-terraform": "Terraform", "text/x-pascal": "Pascal", "text/x-fortran": "Fortran", "text/x-cobol": "COBOL",
		"text/x-ada": "Ada", "text/x-d": "D", "text/x-asm": "Assembly", "text/x-cuda": "CUDA", "text/x-glsl": "GLSL", "text/x-tcl": "Tcl",
		"text/x-awk": "AWK", "text/x-shellscript": "Shell", "text/x-powershell": "PowerShell", "application/x-bat": "Batch", "text/x-sql": "SQL",
		"text/x-graphql": "GraphQL", "text/x-protobuf": "Protocol Buffers", "text/x-makefile": "Makefile", "text/x-cmake": "CMake",
		"text/x-dockerfile": "Dockerfile", "text/x-nix": "Nix", "text/x-diff": "Diff", "text/x-stylus": "Stylus", "text/x-pug": "Pug",
		"text/x-handlebars": "Handlebars",
	}
}
