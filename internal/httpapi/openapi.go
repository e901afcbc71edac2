package httpapi

import (
	"encoding/json"
	"maps"
	"net/http"
	"reflect"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/stardrive/stardrive/internal/op"
)

// The parts of an OpenAPI 3.1 document that we write.
type (
	document struct {
		OpenAPI    string                     `json:"openapi"`
		Info       info                       `json:"info"`
		Security   []map[string][]string      `json:"security"`
		Paths      map[string]map[string]call `json:"paths"`
		Components components                 `json:"components"`
	}
	info struct {
		Title       string `json:"title"`
		Description string `json:"description"`
		Version     string `json:"version"`
	}
	call struct {
		ID          string                 `json:"operationId"`
		Summary     string                 `json:"summary"`
		Description string                 `json:"description,omitempty"`
		Kind        op.Kind                `json:"x-stardrive-kind,omitempty"`
		Security    *[]map[string][]string `json:"security,omitempty"`
		Parameters  []parameter            `json:"parameters,omitempty"`
		Request     *body                  `json:"requestBody,omitempty"`
		Responses   map[string]response    `json:"responses"`
	}
	parameter struct {
		Name        string             `json:"name"`
		In          string             `json:"in"`
		Description string             `json:"description"`
		Required    bool               `json:"required,omitempty"`
		Schema      *jsonschema.Schema `json:"schema"`
	}
	body struct {
		Required bool             `json:"required"`
		Content  map[string]media `json:"content"`
	}
	media struct {
		Schema *jsonschema.Schema `json:"schema"`
	}
	response struct {
		Description string           `json:"description"`
		Content     map[string]media `json:"content,omitempty"`
	}
	components struct {
		Schemas  map[string]*jsonschema.Schema `json:"schemas"`
		Security map[string]map[string]string  `json:"securitySchemes"`
	}
)

// OpenAPI writes the description of the whole HTTP interface, indented, the
// same bytes for the same table.
func OpenAPI(set *op.Set, version string) ([]byte, error) {
	c, err := set.Components(reflect.TypeFor[Problem](), reflect.TypeFor[Health](),
		reflect.TypeFor[LoginIn](), reflect.TypeFor[LoginOut](), reflect.TypeFor[Received]())
	if err != nil {
		return nil, err
	}
	d := document{
		OpenAPI: "3.1.0",
		Info: info{"Stardrive", "Every operation is a POST of one JSON object. Requests are read strictly: " +
			"unknown, repeated or wrongly written fields are refused.", version},
		Security: []map[string][]string{{"bearer": {}}, {"cookie": {}}},
		Paths:    map[string]map[string]call{},
		Components: components{c.Schemas, map[string]map[string]string{
			"bearer": {"type": "http", "scheme": "bearer"},
			"cookie": {"type": "apiKey", "in": "cookie", "name": "__Host-stardrive-PORT"},
		}},
	}
	for def := range set.All() {
		in, err := c.Schema(def.In)
		if err != nil {
			return nil, err
		}
		out, err := c.Schema(def.Out)
		if err != nil {
			return nil, err
		}
		d.Paths["/v1/op/"+def.Name] = map[string]call{"post": {
			ID: def.Name, Summary: def.Title, Kind: def.Kind, Parameters: []parameter{libraryParameter()},
			Request:   &body{Required: len(in.Required) > 0 || in.Ref != "", Content: jsonOf(in)},
			Responses: answers("The result", jsonOf(out)),
		}}
	}
	maps.Copy(d.Paths, plainRoutes(c))
	b, err := json.MarshalIndent(d, "", "  ")
	return append(b, '\n'), err
}

func jsonOf(s *jsonschema.Schema) map[string]media {
	return map[string]media{"application/json": {s}}
}

func answers(words string, content map[string]media) map[string]response {
	return map[string]response{
		"200": {Description: words, Content: content},
		"default": {Description: "What went wrong", Content: map[string]media{
			"application/problem+json": {&jsonschema.Schema{Ref: op.RefPrefix + "Problem"}},
		}},
	}
}

func libraryParameter() parameter {
	return parameter{Name: LibraryHeader, In: "header", Description: "library by name or id; the default one if absent",
		Schema: &jsonschema.Schema{Type: "string"}}
}

func query(name, typ, words string) parameter {
	return parameter{Name: name, In: "query", Description: words, Schema: &jsonschema.Schema{Type: typ}}
}

// plainRoutes describes what is not an operation.
func plainRoutes(c *op.Components) map[string]map[string]call {
	schema := func(t reflect.Type) map[string]media {
		s, err := c.Schema(t)
		if err != nil { // the types are this package's own, and named
			return nil
		}
		return jsonOf(s)
	}
	text := &jsonschema.Schema{Type: "string"}
	open := &[]map[string][]string{}
	entry := parameter{Name: "entry", In: "path", Description: "entry id", Required: true, Schema: text}
	library := query("library", "string", "library by name or id, where a header cannot be set")
	return map[string]map[string]call{
		"/v1/events": {"get": {
			ID: "events", Summary: "Follow what happens", Parameters: []parameter{
				query("since", "integer", "send durable events after this sequence number; absent: from now on"),
				query("types", "string", "only these types, separated by commas"),
				query("summary", "boolean", "fold changes of entries into folders.changed"),
				query("follow", "boolean", "false: end the stream with what has happened so far"),
				library, libraryParameter(),
			},
			Description: "Server-sent events. Each has the sequence number as id, so that Last-Event-ID resumes, " +
				"and one flat JSON object {seq, time, type, ...} as data. A comment is sent every 15 seconds.",
			Responses: answers("A stream of events", map[string]media{"text/event-stream": {text}}),
		}},
		"/v1/content/{entry}": {"get": {
			ID: "content", Summary: "Download a file", Description: "Ranges and conditional requests are served.",
			Parameters: []parameter{entry, library, libraryParameter()},
			Responses:  answers("The bytes", map[string]media{"application/octet-stream": {&jsonschema.Schema{}}}),
		}},
		"/v1/content": {"get": {
			ID: "contentAt", Summary: "Download a file by path", Description: "The file need not be indexed. Ranges and conditional requests are served.",
			Parameters: []parameter{query("path", "string", "SdPath or OS path of the file"), library, libraryParameter()},
			Responses:  answers("The bytes", map[string]media{"application/octet-stream": {&jsonschema.Schema{}}}),
		}},
		"/v1/sidecar/{entry}/{kind}": {"get": {
			ID: "sidecar", Summary: "Get a picture of a file", Description: "One that is not there is made; when that takes long, the answer is 503 with Retry-After. 404 tells why there is none.",
			Parameters: []parameter{entry, {Name: "kind", In: "path", Description: "thumb256, thumb512, thumb1024 or strip", Required: true, Schema: text},
				query("v", "string", "the picture's tag, as entry.info tells it: then the answer may be kept for ever"), library, libraryParameter()},
			Responses: answers("The picture", map[string]media{"image/jpeg": {&jsonschema.Schema{}}, "image/png": {&jsonschema.Schema{}}}),
		}},
		"/v1/upload/{upload}/{file}": {"put": {
			ID: "upload", Summary: "Send a piece of a file", Description: "Uploads are begun by upload.begin and upload.add. The body is 4 MiB, or what is left of the file.",
			Parameters: []parameter{{Name: "upload", In: "path", Description: "number of the upload", Required: true, Schema: text}, {Name: "file", In: "path", Description: "number of the file in it", Required: true, Schema: text},
				{Name: offsetHeader, In: "header", Description: "where in the file the piece begins: as many bytes as are there", Required: true, Schema: text},
				{Name: digestHeader, In: "header", Description: "sha-256=:BASE64:, of the piece", Required: true, Schema: text}, library, libraryParameter()},
			Request:   &body{Required: true, Content: map[string]media{binary: {&jsonschema.Schema{}}}},
			Responses: answers("How far the file has come", schema(reflect.TypeFor[Received]())),
		}},
		"/v1/zip/{id}": {"get": {
			ID: "zip", Summary: "Download a selection", Description: "files.download prepares it. It is packed while it is sent: one that cannot be read to its end breaks off.",
			Parameters: []parameter{{Name: "id", In: "path", Description: "as files.download told it", Required: true, Schema: text}, library, libraryParameter()},
			Responses:  answers("The archive", map[string]media{"application/zip": {&jsonschema.Schema{}}}),
		}},
		"/v1/health": {"get": {
			ID: "health", Summary: "Ask whether the daemon is there", Security: open,
			Responses: answers("It is", schema(reflect.TypeFor[Health]())),
		}},
		"/v1/login": {"post": {
			ID: "login", Summary: "Exchange a one-time token for a session cookie", Security: open,
			Request:   &body{Required: true, Content: schema(reflect.TypeFor[LoginIn]())},
			Responses: answers("Logged in", schema(reflect.TypeFor[LoginOut]())),
		}},
		"/v1/logout": {"post": {
			ID: "logout", Summary: "End the session", Responses: answers("Logged out", jsonOf(&jsonschema.Schema{Type: "object"})),
		}},
	}
}

// openapi serves the description.
func (s *Server) openapi(w http.ResponseWriter, _ *http.Request) error {
	b, err := OpenAPI(s.o.Definitions, s.o.Version)
	if err != nil {
		return err
	}
	return writeJSON(w, b)
}
