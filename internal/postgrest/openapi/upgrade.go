package openapi

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Upgrade writes a description that [Document] has made in the words of OpenAPI 3.1.
// server is where clients find the API, as "/rest/v1", relative to the place of
// the description, or a whole URL.
//
// Names of components and paths are those of the relations, as far as 3.1 lets
// them have all their characters. Both keys of a Supabase project are its
// security. Equal inputs give equal bytes.
//
// Source: OpenAPI 3.1.1; "Upgrading from OpenAPI 2.0 to 3.0" of the OpenAPI Initiative.
func Upgrade(document []byte, server string) ([]byte, error) {
	var old swagger
	if err := json.Unmarshal(document, &old); err != nil {
		return nil, fmt.Errorf("read the description: %w", err)
	}
	u := upgrade{old: &old, schemas: map[string]string{}, parameters: map[string]string{}}
	u.name(u.schemas, old.Definitions)
	u.name(u.parameters, old.Parameters)
	paths := object{}
	for path, item := range old.Paths {
		paths[escapePath(path)] = u.pathItem(path, item)
	}
	return encode(object{
		"openapi": "3.1.0", "info": old.Info, "externalDocs": old.ExternalDocs,
		"servers": []object{{"url": server}}, "paths": paths,
		"components": object{"schemas": u.allSchemas(), "parameters": u.allParameters(), "securitySchemes": securitySchemes()},
		"security":   []object{{"apikey": []string{}}, {"apikey": []string{}, "bearer": []string{}}, {"bearer": []string{}}, {}},
	}), nil
}

// object is a JSON object whose form is OpenAPI's affair.
type object = map[string]any

// swagger is a description as Document writes it.
type swagger struct {
	Info         object                                 `json:"info"`
	ExternalDocs object                                 `json:"externalDocs"`
	Paths        map[string]map[string]swaggerOperation `json:"paths"`
	Definitions  map[string]object                      `json:"definitions"`
	Parameters   map[string]object                      `json:"parameters"`
}

type swaggerOperation struct {
	Summary     *string           `json:"summary"`
	Description string            `json:"description"`
	Tags        []string          `json:"tags"`
	Produces    []string          `json:"produces"`
	Parameters  []object          `json:"parameters"`
	Responses   map[string]object `json:"responses"`
}

func securitySchemes() object {
	return object{
		"apikey": object{"type": "apiKey", "in": "header", "name": "apikey", "description": "The anon or publishable key of the project"},
		"bearer": object{"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "The access token of a signed-in user"},
	}
}

// upgrade is one description under way, with the names that components have now.
type upgrade struct {
	old                 *swagger
	schemas, parameters map[string]string
}

// name gives each component a name that OpenAPI 3 takes, no two of them the same.
func (u *upgrade) name(names map[string]string, components map[string]object) {
	taken := map[string]bool{}
	for _, old := range sortedKeys(components) {
		name := strings.Map(func(r rune) rune {
			if r < 128 && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-", r)) {
				return r
			}
			return '_'
		}, old)
		for taken[name] || name == "" {
			name += "_"
		}
		taken[name], names[old] = true, name
	}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// escapePath keeps the characters of a relation's name out of the path's
// template, where { begins a parameter.
func escapePath(path string) string {
	segments := strings.Split(path, "/")
	for i, s := range segments {
		segments[i] = url.PathEscape(s)
	}
	return strings.Join(segments, "/")
}

func (u *upgrade) allSchemas() object {
	all := object{}
	for old, s := range u.old.Definitions {
		all[u.schemas[old]] = u.schema(s)
	}
	return all
}

// allParameters are the shared ones but bodies, which are not parameters any more.
func (u *upgrade) allParameters() object {
	all := object{}
	for old, p := range u.old.Parameters {
		if p["in"] != inBody {
			all[u.parameters[old]] = u.parameter(p)
		}
	}
	return all
}

func (u *upgrade) pathItem(path string, item map[string]swaggerOperation) object {
	upgraded := object{}
	for method, o := range item {
		upgraded[method] = u.operation(method, path, o)
	}
	return upgraded
}

func (u *upgrade) operation(method, path string, old swaggerOperation) object {
	o := object{"operationId": method + " " + path, "tags": old.Tags, "responses": u.responses(old)}
	if old.Summary != nil {
		o["summary"] = *old.Summary
	}
	if old.Description != "" {
		o["description"] = old.Description
	}
	var parameters []object
	for _, p := range old.Parameters {
		name, shared := cutRef(p, "#/parameters/")
		whole := p
		if shared {
			whole = u.old.Parameters[name]
		}
		switch {
		case whole["in"] == inBody:
			o["requestBody"] = u.body(whole)
		case shared:
			parameters = append(parameters, object{"$ref": "#/components/parameters/" + u.parameters[name]})
		case whole["name"] != "": // the unnamed one of a function takes a body alone
			parameters = append(parameters, u.parameter(whole))
		}
	}
	if len(parameters) > 0 {
		o["parameters"] = parameters
	}
	return o
}

// body is the request body that a parameter in the body was.
func (u *upgrade) body(p object) object {
	schema, _ := p["schema"].(object)
	required, _ := p["required"].(bool)
	return object{"required": required, "content": object{"application/json": object{"schema": u.schema(schema)}}}
}

func (u *upgrade) responses(old swaggerOperation) object {
	all := object{}
	for status, r := range old.Responses {
		upgraded := object{"description": r["description"]}
		schema, hasSchema := r["schema"].(object)
		if hasSchema {
			schema = u.schema(schema)
		}
		if content := contentOf(status, schema, old.Produces); len(content) > 0 {
			upgraded["content"] = content
		}
		all[status] = upgraded
	}
	return all
}

// contentOf is an answer's body in each of its media types; the schema is that of the JSON.
func contentOf(status string, schema object, produces []string) object {
	if schema == nil {
		schema = object{}
	} else if produces == nil {
		produces = []string{"application/json", "text/csv"}
	}
	content := object{}
	if status != "200" {
		return content
	}
	for _, kind := range produces {
		kind, _, _ = strings.Cut(kind, ";")
		if kind == "text/csv" {
			content[kind] = object{"schema": object{"type": "string"}}
			continue
		}
		content[kind] = object{"schema": schema}
	}
	return content
}

// parameter moves the type of a value into its schema.
func (u *upgrade) parameter(p object) object {
	upgraded, schema := object{}, object{}
	for key, value := range p {
		switch key {
		case "name", "in", "description", "required":
			upgraded[key] = value
		case "collectionFormat":
			upgraded["style"], upgraded["explode"] = "form", true
		default:
			schema[key] = value
		}
	}
	upgraded["schema"] = u.schema(schema)
	return upgraded
}

// schema is s with its references under their names now.
func (u *upgrade) schema(s object) object {
	if name, ok := cutRef(s, "#/definitions/"); ok {
		return object{"$ref": "#/components/schemas/" + u.schemas[name]}
	}
	upgraded := object{}
	for key, value := range s {
		switch inner := value.(type) {
		case object:
			if key != "properties" {
				upgraded[key] = u.schema(inner)
				continue
			}
			properties := object{}
			for name, p := range inner {
				one, _ := p.(object)
				properties[name] = u.schema(one)
			}
			upgraded[key] = properties
		default:
			upgraded[key] = value
		}
	}
	return upgraded
}

func cutRef(o object, prefix string) (name string, ok bool) {
	ref, _ := o["$ref"].(string)
	return strings.CutPrefix(ref, prefix)
}
