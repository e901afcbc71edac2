package marks

import (
	"slices"
	"strconv"
	"strings"

	"github.com/beevik/etree"

	"github.com/stardrive/stardrive/internal/errs"
)

// MaxSidecar is how large a sidecar may be, in bytes.
const MaxSidecar = 16 << 20

// property is a property of XMP.
type property struct{ space, prefix, name string }

const (
	rdf     = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
	dc      = "http://purl.org/dc/elements/1.1/"
	adobe   = "http://ns.adobe.com/xap/1.0/"
	adobeLR = "http://ns.adobe.com/lightroom/1.0/"
)

var (
	subject     = property{dc, "dc", "subject"}
	description = property{dc, "dc", "description"}
	rating      = property{adobe, "xmp", "Rating"}
	hierarchy   = property{adobeLR, "lr", "hierarchicalSubject"}
)

const emptyXMP = `<?xpacket begin="` + "\ufeff" + `" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="` + rdf + `">
  <rdf:Description rdf:about="" xmlns:dc="` + dc + `" xmlns:xmp="` + adobe + `" xmlns:lr="` + adobeLR + `"/>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>
`

// XMP is a sidecar. What it holds beside marks stays as it is.
type XMP struct {
	doc   *etree.Document
	about []*etree.Element // rdf:Description, one or more
}

// ParseXMP reads a sidecar; no bytes are an empty one. Errors: errs.Invalid.
func ParseXMP(b []byte) (*XMP, error) {
	x := &XMP{doc: etree.NewDocument()}
	x.doc.ReadSettings.PreserveCData = true
	if len(b) == 0 {
		b = []byte(emptyXMP)
	}
	if len(b) > MaxSidecar {
		return nil, errs.New(errs.Invalid, "the sidecar has more than %d bytes", MaxSidecar)
	}
	if err := x.doc.ReadFromBytes(b); err != nil {
		return nil, errs.New(errs.Invalid, "the sidecar cannot be read: %w", err)
	}
	for _, e := range x.doc.FindElements("//Description") {
		if e.NamespaceURI() == rdf && e.Parent() != nil && e.Parent().Tag == "RDF" {
			x.about = append(x.about, e)
		}
	}
	if len(x.about) == 0 {
		return nil, errs.New(errs.Invalid, "the sidecar is no XMP")
	}
	return x, nil
}

// Marks are what the sidecar says.
func (x *XMP) Marks() (m Marks) {
	within := map[string]bool{} // names that are part of a way: photo programs list them as subjects, too
	for _, way := range x.list(hierarchy) {
		m.add(strings.Split(way, "|")...)
		for _, name := range strings.Split(way, "|") {
			within[strings.TrimSpace(name)] = true
		}
	}
	for _, name := range x.list(subject) {
		if !within[strings.TrimSpace(name)] {
			m.add(name)
		}
	}
	if n, err := strconv.ParseFloat(strings.TrimSpace(x.text(rating)), 64); err == nil && n >= 1 && n <= 5 {
		m.Stars = int(n)
	}
	if all := x.items(description); len(all) > 0 {
		m.comment(all[standard(all)].Text())
	} else {
		m.comment(x.text(description))
	}
	return m
}

// standard is the one of several languages that stands for all.
func standard(all []*etree.Element) int {
	at := slices.IndexFunc(all, func(e *etree.Element) bool { return e.SelectAttrValue("xml:lang", "") == "x-default" })
	return max(at, 0)
}

// Set has the sidecar say m. What says so already stays as it is: a rating may be finer
// than stars, or say that a photo is rejected.
func (x *XMP) Set(m Marks) {
	was := x.Marks()
	var ways []string
	for _, t := range m.Tags {
		if len(t) > 1 {
			ways = append(ways, strings.Join(t, "|"))
		}
	}
	x.setList(subject, m.also(m.names(), x.list(subject)))
	x.setList(hierarchy, m.also(ways, x.list(hierarchy)))
	if m.Stars != was.Stars {
		x.setText(rating, m.Stars)
	}
	if m.Comment != was.Comment {
		x.setDescription(m.Comment)
	}
}

// also adds what stood there and is not among some texts, if that is to be kept.
func (m *Marks) also(some, had []string) []string {
	for _, text := range had {
		if m.Keep && !slices.Contains(some, strings.TrimSpace(text)) && !slices.Contains(some, text) {
			some = append(some, text)
		}
	}
	return some
}

// Bytes is the sidecar as it is written.
func (x *XMP) Bytes() ([]byte, error) {
	b, err := x.doc.WriteToBytes()
	if err != nil {
		return nil, errs.New(errs.Internal, "a sidecar cannot be written: %w", err)
	}
	return b, nil
}

// find returns the elements of a property.
func (x *XMP) find(p property) (all []*etree.Element) {
	for _, d := range x.about {
		for _, e := range d.ChildElements() {
			if e.Tag == p.name && e.NamespaceURI() == p.space {
				all = append(all, e)
			}
		}
	}
	return all
}

// items are the members of a property that is a list.
func (x *XMP) items(p property) (all []*etree.Element) {
	for _, e := range x.find(p) {
		for _, box := range e.ChildElements() {
			for _, li := range box.ChildElements() {
				if li.Tag == "li" && li.NamespaceURI() == rdf {
					all = append(all, li)
				}
			}
		}
	}
	return all
}

func (x *XMP) list(p property) (out []string) {
	for _, li := range x.items(p) {
		out = append(out, li.Text())
	}
	return out
}

// text is a property that is one text: an element, or an attribute.
func (x *XMP) text(p property) string {
	for _, e := range x.find(p) {
		return e.Text()
	}
	for _, d := range x.about {
		for i := range d.Attr {
			if a := &d.Attr[i]; a.Key == p.name && a.NamespaceURI() == p.space {
				return a.Value
			}
		}
	}
	return ""
}

// drop takes a property away, however it stands there.
func (x *XMP) drop(p property) {
	for _, e := range x.find(p) {
		e.Parent().RemoveChild(e)
	}
	for _, d := range x.about {
		d.Attr = slices.DeleteFunc(d.Attr, func(a etree.Attr) bool {
			return a.Key == p.name && a.NamespaceURI() == p.space
		})
	}
}

// make adds a property. Its name space is told where it is not known.
func (x *XMP) make(p property) *etree.Element {
	e := x.about[0].CreateElement(p.prefix + ":" + p.name)
	if e.NamespaceURI() != p.space {
		e.CreateAttr("xmlns:"+p.prefix, p.space)
	}
	return e
}

func (x *XMP) box(e *etree.Element, kind string) *etree.Element {
	box := e.CreateElement("rdf:" + kind)
	if box.NamespaceURI() != rdf {
		box.CreateAttr("xmlns:rdf", rdf)
	}
	return box
}

func (x *XMP) setList(p property, values []string) {
	x.drop(p)
	if len(values) == 0 {
		return
	}
	box := x.box(x.make(p), "Bag")
	for _, v := range values {
		box.CreateElement("rdf:li").SetText(seen(v))
	}
}

func (x *XMP) setText(p property, n int) {
	x.drop(p)
	if n > 0 {
		x.make(p).SetText(strconv.Itoa(n))
	}
}

// setDescription changes what stands for all languages, and leaves the others.
func (x *XMP) setDescription(text string) {
	all := x.items(description)
	if text != "" && len(all) > 0 {
		all[standard(all)].SetText(seen(text))
		return
	}
	x.drop(description)
	if text != "" {
		li := x.box(x.make(description), "Alt").CreateElement("rdf:li")
		li.CreateAttr("xml:lang", "x-default")
		li.SetText(seen(text))
	}
}

// seen leaves out what XML cannot hold.
func seen(text string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xfffe || r == 0xffff {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}
