package dashboard

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"net/http"
	"path"
)

//go:embed static/*
var staticFiles embed.FS

// file is a part of pages that is the same for everybody.
type file struct {
	kind, sum string
	text      []byte
}

func readStatic() (map[string]file, error) {
	files := map[string]file{}
	entries, err := staticFiles.ReadDir("static")
	if err != nil {
		return nil, fmt.Errorf("read static files: %w", err)
	}
	kinds := map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
	for _, e := range entries {
		text, err := staticFiles.ReadFile("static/" + e.Name())
		if err != nil {
			return nil, fmt.Errorf("read static files: %w", err)
		}
		sum := sha256.Sum256(text)
		files[e.Name()] = file{kinds[path.Ext(e.Name())], hex.EncodeToString(sum[:6]), text}
	}
	return files, nil
}

// asset is the URL of a static file, another one when its text changes.
func (d *Dashboard) asset(name string) string {
	return d.o.Path + "/static/" + name + "?v=" + d.static[name].sum
}

func (d *Dashboard) serveStatic(w http.ResponseWriter, r *http.Request) {
	f, ok := d.static[r.PathValue("name")]
	if !ok {
		d.fail(w, r, http.StatusNotFound, "There is no such file.")
		return
	}
	w.Header().Set("Content-Type", f.kind)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, _ = w.Write(f.text)
}
