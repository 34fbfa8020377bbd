package openapi

import "encoding/json"

// The types below are the objects of OpenAPI 2.0, as far as a description
// uses them, with their members in PostgREST's order.

type document struct {
	Swagger             string                    `json:"swagger"`
	Info                info                      `json:"info"`
	Host                string                    `json:"host"`
	BasePath            string                    `json:"basePath"`
	Schemes             []string                  `json:"schemes"`
	Consumes            []string                  `json:"consumes"`
	Produces            []string                  `json:"produces"`
	Paths               members[pathItem]         `json:"paths"`
	Definitions         members[schema]           `json:"definitions,omitzero"`
	Parameters          members[parameter]        `json:"parameters"`
	SecurityDefinitions map[string]securityScheme `json:"securityDefinitions,omitempty"`
	Security            []map[string][]string     `json:"security,omitempty"`
	ExternalDocs        externalDocs              `json:"externalDocs"`
}

type info struct {
	Description string `json:"description"`
	Title       string `json:"title"`
	Version     string `json:"version"`
}

type externalDocs struct {
	Description string `json:"description"`
	URL         string `json:"url"`
}

type securityScheme struct {
	Type        string `json:"type"`
	Name        string `json:"name"`
	In          string `json:"in"`
	Description string `json:"description"`
}

type pathItem struct {
	Get    *operation `json:"get,omitempty"`
	Post   *operation `json:"post,omitempty"`
	Delete *operation `json:"delete,omitempty"`
	Patch  *operation `json:"patch,omitempty"`
}

type operation struct {
	Description string              `json:"description,omitempty"`
	Parameters  []any               `json:"parameters,omitempty"` // of type parameter or reference
	Produces    []string            `json:"produces,omitempty"`
	Responses   map[string]response `json:"responses"`         // by status
	Summary     *string             `json:"summary,omitempty"` // a comment's first line may be empty
	Tags        []string            `json:"tags"`
}

type response struct {
	Description string       `json:"description"`
	Schema      *arraySchema `json:"schema,omitempty"`
}

type arraySchema struct {
	Items reference `json:"items"`
	Type  string    `json:"type"`
}

// schema describes a JSON object: a row of a table, the arguments of a routine.
type schema struct {
	Description string            `json:"description,omitempty"`
	Required    []string          `json:"required,omitempty"`
	Properties  members[property] `json:"properties,omitzero"`
	Type        string            `json:"type"`
}

type property struct {
	Default     json.RawMessage `json:"default,omitempty"`
	Description string          `json:"description,omitempty"`
	Enum        []string        `json:"enum,omitempty"`
	Format      string          `json:"format,omitempty"`
	Items       *items          `json:"items,omitempty"`
	MaxLength   int32           `json:"maxLength,omitempty"`
	Type        string          `json:"type,omitempty"` // "" = any
}

type items struct {
	Format string `json:"format,omitempty"`
	Type   string `json:"type,omitempty"`
}

type parameter struct {
	Name             string   `json:"name"` // "" for the unnamed parameter of a routine
	Description      string   `json:"description,omitempty"`
	Required         bool     `json:"required"`
	Enum             []string `json:"enum,omitempty"`
	Default          string   `json:"default,omitempty"`
	In               string   `json:"in"`
	Format           string   `json:"format,omitempty"`
	Type             string   `json:"type,omitempty"`
	CollectionFormat string   `json:"collectionFormat,omitempty"`
	Items            *items   `json:"items,omitempty"`
	Schema           any      `json:"schema,omitempty"` // of type schema or reference; in the body only
}

type reference struct {
	Ref string `json:"$ref"`
}

func toDefinition(name string) reference { return reference{"#/definitions/" + name} }
func toParameter(name string) reference  { return reference{"#/parameters/" + name} }
