package openapi_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/romashka/sidecar/internal/postgrest/openapi"
)

// TestUpgrade holds descriptions in OpenAPI 3.1 against its own JSON schema, and
// that none of the paths and fields is lost.
// Source of the schema: spec.openapis.org/oas/3.1/schema/2026-08-03, Apache 2.0.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("testdata", "openapi-3.1.json"))
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("openapi.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	all, err := os.ReadFile(filepath.Join("testdata", "all.json"))
	if err != nil {
		t.Fatal(err)
	}
	for name, old := range map[string]string{
		"all": string(all),
		"names that are no names": `{"info":{"title":"t","version":"1","description":"d"},"externalDocs":{"url":"https://a.test","description":"d"},
			"paths":{"/a {b}/ü":{"get":{"tags":["x"],"parameters":[{"$ref":"#/parameters/rowFilter.a {b}.ü"},{"name":"","in":"query","type":"string","required":true},
			{"name":"v","in":"query","type":"array","collectionFormat":"multi","items":{"type":"integer","format":"integer"},"required":false}],
			"responses":{"200":{"description":"OK","schema":{"type":"array","items":{"$ref":"#/definitions/a {b}"}}},"206":{"description":"Partial Content"}}},
			"post":{"tags":["x"],"parameters":[{"$ref":"#/parameters/body.a {b}"}],"responses":{"201":{"description":"Created"}}}}},
			"definitions":{"a {b}":{"type":"object","properties":{"properties":{"type":"string","enum":["x"]},"ü":{"format":"json"}}},"a_(b)":{"type":"object"}},
			"parameters":{"rowFilter.a {b}.ü":{"name":"ü","in":"query","type":"string","required":false},"body.a {b}":{"name":"a {b}","in":"body","required":false,"schema":{"$ref":"#/definitions/a {b}"}}}}`,
	} {
		upgraded, err := openapi.Upgrade([]byte(old), "/rest/v1")
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		again, err := openapi.Upgrade([]byte(old), "/rest/v1")
		if err != nil || !bytes.Equal(again, upgraded) {
			t.Errorf("%s: differs the second time, %v", name, err)
		}
		instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(upgraded))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(instance); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var before, after struct {
			Paths       map[string]map[string]any
			Definitions map[string]any
			Components  struct{ Schemas map[string]any }
		}
		if json.Unmarshal([]byte(old), &before) != nil || json.Unmarshal(upgraded, &after) != nil {
			t.Fatal("no JSON")
		}
		if len(after.Paths) != len(before.Paths) || len(after.Components.Schemas) != len(before.Definitions) {
			t.Errorf("%s: %d paths of %d, %d schemas of %d", name, len(after.Paths), len(before.Paths), len(after.Components.Schemas), len(before.Definitions))
		}
		for _, left := range []string{"#/definitions/", "#/parameters/", "collectionFormat", `"swagger"`, `"in":"body"`} {
			if strings.Contains(string(upgraded), left) {
				t.Errorf("%s: %s is left", name, left)
			}
		}
	}
	if _, err := openapi.Upgrade([]byte("<html>"), "/"); err == nil {
		t.Error("what is no description is taken")
	}
}
