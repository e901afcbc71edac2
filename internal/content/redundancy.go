package content

import (
	"cmp"
	"context"
	"encoding/hex"
	"math"
	"slices"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/ident"
)

// Risk is what the loss of one thing would take with it.
type Risk string

// The risks. Each holds those before it.
const (
	OneFile   Risk = "file"   // one file holds it, or several that share its blocks
	OneVolume Risk = "volume" // all files that hold it are on one volume
	OneDisk   Risk = "disk"   // they are on volumes that lie on one disk
	OneDevice Risk = "device" // they are on volumes of one device
)

// Enum lists the risks.
func (Risk) Enum() []string {
	return []string{string(OneFile), string(OneVolume), string(OneDisk), string(OneDevice)}
}

// TypeName is what clients call the type.
func (Risk) TypeName() string { return "RedundancyRisk" }

// RedundancyIn chooses contents by how they would be lost.
type RedundancyIn struct {
	Query   string `json:"query,omitempty" cli:"1" jsonschema:"only contents of a file that this query finds, in the language of search"`
	On      Risk   `json:"on,omitempty" jsonschema:"what the loss of which would be the loss of the content: file (one file holds it), volume, disk (default: partitions of one disk are lost together), device"`
	MinSize int64  `json:"min_size,omitempty" jsonschema:"least size, in bytes" min:"0"`
	Cursor  string `json:"cursor,omitempty" jsonschema:"where to go on: next of the page before"`
	Limit   int    `json:"limit,omitempty" jsonschema:"contents a page; default 100" min:"0" max:"1000"`
}

// Redundancy is a page of contents at risk, the large ones first.
type Redundancy struct {
	Items []Spread `json:"items" jsonschema:"the contents of this page"`
	Next  string   `json:"next" jsonschema:"cursor of the next page; empty at the end"`
}

// Spread tells over what a content is spread.
type Spread struct {
	Content ident.ContentID `json:"content" jsonschema:"the content's id"`
	Hash    string          `json:"hash" jsonschema:"BLAKE3 of all bytes"`
	Kind    string          `json:"kind" jsonschema:"what it is: image, video, document ..."`
	Size    int64           `json:"size" jsonschema:"its bytes"`
	Files   int             `json:"files" jsonschema:"files that hold it; names of one file count once"`
	Bodies  int             `json:"bodies" jsonschema:"copies on disks: files that are known to share their blocks (reflinks) count once"`
	Volumes int             `json:"volumes" jsonschema:"volumes with such a file, offline ones among them"`
	Disks   int             `json:"disks" jsonschema:"disks these lie on, as far as is known; volumes on one disk count once"`
	Devices int             `json:"devices" jsonschema:"devices with such a volume"`
	Read    time.Time       `json:"read,omitzero" jsonschema:"when a file that holds it was read whole last"`
	Copies  []Copy          `json:"copies" jsonschema:"the files, at most a hundred"`
	More    int             `json:"more,omitempty" jsonschema:"how many further copies there are"`
}

// RedundancySummary tells how the files of each location are spread.
type RedundancySummary struct {
	Items []LocationSpread `json:"items" jsonschema:"the locations, and last, without a name, what stands in none"`
	Files Risked           `json:"one_file" jsonschema:"contents that one file holds, or several that share its blocks"`
	// Contents, each counted once.
	Volume  Risked `json:"one_volume" jsonschema:"contents on one volume alone"`
	Disk    Risked `json:"one_disk" jsonschema:"contents on one disk alone"`
	Device  Risked `json:"one_device" jsonschema:"contents on one device alone"`
	All     Risked `json:"all" jsonschema:"all contents of known files"`
	Unknown int64  `json:"unknown" jsonschema:"files that were not read, of which nothing is known"`
}

// Risked is a number of contents.
type Risked struct {
	Contents int64 `json:"contents" jsonschema:"how many"`
	Bytes    int64 `json:"bytes" jsonschema:"bytes of them, each counted once"`
}

func (r *Risked) add(size int64) { r.Contents, r.Bytes = r.Contents+1, r.Bytes+size }

// LocationSpread tells on how many disks the contents of a location's files are.
type LocationSpread struct {
	Location   string           `json:"location" jsonschema:"the location's name; empty: outside of all"`
	LocationID ident.LocationID `json:"location_id,omitempty" jsonschema:"the location's id"`
	Files1     int64            `json:"files_1" jsonschema:"files whose content is on one disk alone"`
	Bytes1     int64            `json:"bytes_1" jsonschema:"bytes of these"`
	Files2     int64            `json:"files_2" jsonschema:"files whose content is on two disks"`
	Bytes2     int64            `json:"bytes_2" jsonschema:"bytes of these"`
	Files3     int64            `json:"files_3" jsonschema:"files whose content is on three disks or more"`
	Bytes3     int64            `json:"bytes_3" jsonschema:"bytes of these"`
}

func (l *LocationSpread) add(disks int, size int64) {
	switch disks {
	case 1:
		l.Files1, l.Bytes1 = l.Files1+1, l.Bytes1+size
	case 2:
		l.Files2, l.Bytes2 = l.Files2+1, l.Bytes2+size
	default:
		l.Files3, l.Bytes3 = l.Files3+1, l.Bytes3+size
	}
}

// domains are what can be lost at once.
type domains struct {
	device map[ident.VolumeID]ident.DeviceID
	disk   map[ident.VolumeID]ident.VolumeID // the first of the volumes that are lost together
}

func (s *Service) domainsOf(r *catalog.Reader) (d domains, err error) {
	vs, err := r.Volumes()
	d.device = make(map[ident.VolumeID]ident.DeviceID, len(vs))
	d.disk = make(map[ident.VolumeID]ident.VolumeID, len(vs))
	first := map[string]ident.VolumeID{}
	for _, v := range vs {
		d.device[v.ID], d.disk[v.ID] = v.Device, v.ID
		for _, name := range s.Volumes.Disks(v) {
			other, known := first[name]
			if !known {
				first[name] = v.ID
				continue
			}
			was, is := d.disk[v.ID], d.disk[other]
			for id, at := range d.disk { // what was one disk each is one now
				if at == was {
					d.disk[id] = is
				}
			}
		}
	}
	return d, err
}

// spread is over how much a content is spread.
type spread struct{ volumes, disks, devices int }

// spread counts the volumes, disks and devices of a group.
func (d *domains) spread(g *group) (n spread) {
	var vs, disks [8]ident.VolumeID // few have more, and these are counted no further
	var ds [8]ident.DeviceID
	for i := range g.copies {
		v := g.copies[i].volume
		if n.volumes == len(vs) || slices.Contains(vs[:n.volumes], v) {
			continue
		}
		vs[n.volumes] = v
		n.volumes++
		if at := d.disk[v]; !slices.Contains(disks[:n.disks], at) {
			disks[n.disks] = at
			n.disks++
		}
		if at := d.device[v]; !slices.Contains(ds[:n.devices], at) {
			ds[n.devices] = at
			n.devices++
		}
	}
	return n
}

// at reports whether a group is at a risk.
func (d *domains) at(risk Risk, g *group) bool {
	n := d.spread(g)
	switch risk {
	case OneFile:
		return g.bodies == 1
	case OneVolume:
		return n.volumes == 1
	case OneDevice:
		return n.devices == 1
	}
	return n.disks == 1
}

// redundancy lists contents at a risk, the large ones first.
func (s *Service) redundancy(ctx context.Context, in RedundancyIn) (out Redundancy, err error) {
	from, err := parsePlace(in.Cursor)
	if err != nil {
		return out, err
	}
	c, err := s.choose(ctx, DuplicatesIn{Query: in.Query, MinSize: in.MinSize})
	if err != nil {
		return out, err
	}
	var d domains
	var last place // that is shown
	if err := s.Catalog.Read(ctx, func(r *catalog.Reader) (err error) { d, err = s.domainsOf(r); return err }); err != nil {
		return out, err
	}
	limit := cmp.Or(in.Limit, pageDuplicates)
	out.Items = []Spread{}
	// Most contents are at risk in most libraries: a few looks make a page. Where
	// few are, each look takes more of them.
	for look := 4 * limit; out.Next == ""; look *= 8 {
		var places []place
		err := s.Catalog.Read(ctx, func(r *catalog.Reader) error {
			b, err := s.beholder(r)
			if err != nil {
				return err
			}
			if places, err = largestContents(r, c.least, from, look); err != nil {
				return err
			}
			for i := range places {
				g, err := groupOf(r, places[i].content)
				if err != nil {
					return err
				}
				if len(g.copies) == 0 || !d.at(in.On, &g) || !c.found(&g) {
					continue
				}
				if len(out.Items) == limit {
					out.Next = last.String()
					return nil
				}
				shown, err := b.spread(&g, &d, c)
				if err != nil {
					return err
				}
				out.Items, last = append(out.Items, shown), places[i]
			}
			return nil
		})
		if err != nil || len(places) < look {
			return out, err
		}
		from = &places[len(places)-1]
	}
	return out, nil
}

// largestContents returns contents of at least so many bytes, behind after, the
// large ones first.
func largestContents(r *catalog.Reader, least int64, after *place, limit int) (places []place, err error) {
	from := place{bytes: math.MaxInt64}
	if after != nil {
		from = *after
	}
	rows, err := r.Store().Query("SELECT size, id FROM content WHERE size >= ?1 AND (size < ?2 OR size = ?2 AND id > ?3) ORDER BY size DESC, id LIMIT ?4",
		least, from.bytes, int64(from.content), limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var p place
		if err := rows.Scan(&p.bytes, (*int64)(&p.content)); err != nil {
			return nil, err
		}
		places = append(places, p)
	}
	return places, rows.Err()
}

func (b *beholder) spread(g *group, d *domains, c *choice) (out Spread, err error) {
	content, err := b.r.Content(g.content)
	if err != nil {
		return out, err
	}
	out = Spread{Content: g.content, Hash: hex.EncodeToString(content.Hash[:]), Kind: content.Kind, Size: content.Size, Files: g.files, Bodies: g.bodies}
	n := d.spread(g)
	out.Volumes, out.Disks, out.Devices = n.volumes, n.disks, n.devices
	var read int64
	for i := range g.copies {
		read = max(read, g.copies[i].read)
	}
	if read != 0 {
		out.Read = time.Unix(0, read).UTC()
	}
	out.Copies, out.More, err = b.copies(g, c)
	return out, err
}

// redundancySummary looks at all contents. Empty files are at no risk.
func (s *Service) redundancySummary(ctx context.Context, _ None) (out RedundancySummary, err error) {
	var d domains
	var b *beholder
	var all []catalog.Location
	var files int64
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		sums, err := r.Sums()
		if err != nil {
			return err
		}
		files = sums.Files
		if d, err = s.domainsOf(r); err != nil {
			return err
		}
		if all, err = r.Locations(); err != nil {
			return err
		}
		b, err = s.beholder(r)
		return err
	})
	if err != nil {
		return out, err
	}
	by := map[ident.EntryID]*LocationSpread{0: {}}
	for _, l := range all {
		by[l.Entry] = &LocationSpread{Location: l.Name, LocationID: l.ID}
	}
	var known int64
	err = s.groups(ctx, every, 0, func(r *catalog.Reader, g *group) error {
		known += int64(len(g.copies))
		if g.size == 0 {
			return nil
		}
		n := d.spread(g)
		out.All.add(g.size)
		if g.bodies == 1 {
			out.Files.add(g.size)
		}
		if n.volumes == 1 {
			out.Volume.add(g.size)
		}
		if n.disks == 1 {
			out.Disk.add(g.size)
		}
		if n.devices == 1 {
			out.Device.add(g.size)
		}
		for i := range g.copies {
			at, err := b.locations.above(r, g.copies[i].volume, g.copies[i].parent)
			if err != nil {
				return err
			}
			if l := by[at]; l != nil {
				l.add(n.disks, g.size)
			}
		}
		return nil
	})
	out.Unknown = max(0, files-known)
	out.Items = []LocationSpread{}
	for _, l := range all {
		out.Items = append(out.Items, *by[l.Entry])
	}
	if none := *by[0]; none != (LocationSpread{}) {
		out.Items = append(out.Items, none)
	}
	return out, err
}
