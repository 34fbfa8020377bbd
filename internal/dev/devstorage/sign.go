package devstorage

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/auth"
)

// Scopes of a signed URL.
const (
	scopeDownload = "download"
	scopeUpload   = "upload"
)

// uploadLifetime is how long a URL is good to which somebody may upload.
const uploadLifetime = 2 * time.Hour

// grant is what a signed URL allows: it is its token's claims.
type grant struct {
	URL     string `json:"url"` // bucket/key
	Scope   string `json:"scope"`
	Owner   string `json:"owner,omitempty"`
	Upsert  bool   `json:"upsert,omitempty"`
	Role    string `json:"role"` // none of the database
	Issued  int64  `json:"iat"`
	Expires int64  `json:"exp"`
}

func (h *Handler) signGrant(g grant, lifetime time.Duration) (string, error) {
	now := h.now()
	g.Role, g.Issued, g.Expires = "signed-url", now.Unix(), now.Add(lifetime).Unix()
	return auth.Sign(h.key, g)
}

// granted checks the token of a signed URL.
func (h *Handler) granted(r *http.Request, at place, scope string) (grant, error) {
	token := r.URL.Query().Get("token")
	if token == "" {
		return grant{}, invalidRequest("querystring must have required property 'token'")
	}
	identity, err := h.signed.Authenticate(r.Context(), auth.Credentials{Authorization: "Bearer " + token})
	if err != nil {
		return grant{}, &Error{Status: http.StatusBadRequest, Code: "InvalidJWT", Message: err.Error()}
	}
	var g grant
	if json.Unmarshal(identity.Claims, &g) != nil || g.Scope != scope || g.URL != at.bucket+"/"+at.key {
		return grant{}, &Error{Status: http.StatusBadRequest, Code: "InvalidSignature", Message: "The url do not match the signature"}
	}
	return g, nil
}

// lifetime reads the seconds that a URL is to be good.
func lifetime(seconds float64) (time.Duration, error) {
	const longest = 10 * 365 * 24 * 3600
	if seconds < 1 || seconds != math.Trunc(seconds) {
		return 0, invalidRequest("body/expiresIn must be an integer >= 1")
	}
	return time.Duration(min(seconds, longest)) * time.Second, nil
}

// sign is POST /object/sign/{bucket}/{key}: whoever has the URL may read.
func (h *Handler) sign(w http.ResponseWriter, r *http.Request, who caller, at place) error {
	var in struct {
		Seconds   float64         `json:"expiresIn"`
		Transform json.RawMessage `json:"transform"`
	}
	if err := read(w, r, &in); err != nil {
		return err
	}
	good, err := lifetime(in.Seconds)
	if err != nil {
		return err
	}
	if len(in.Transform) > 0 && string(in.Transform) != "{}" && string(in.Transform) != "null" {
		return notBuilt("The transformation of images")
	}
	if _, err := h.objectAs(r.Context(), who, "storage.object.sign", at); err != nil {
		return err
	}
	link, err := h.signedLink(at, good)
	if err != nil {
		return err
	}
	h.send(w, http.StatusOK, map[string]string{"signedURL": link})
	return nil
}

// signedLink is below the prefix. Clients escape it.
func (h *Handler) signedLink(at place, good time.Duration) (string, error) {
	name := at.bucket + "/" + at.key
	token, err := h.signGrant(grant{URL: name, Scope: scopeDownload}, good)
	return "/object/sign/" + name + "?token=" + token, err
}

// signMany is POST /object/sign/{bucket}.
func (h *Handler) signMany(w http.ResponseWriter, r *http.Request, who caller, bucket string) error {
	var in struct {
		Seconds float64  `json:"expiresIn"`
		Names   []string `json:"paths"`
	}
	if err := read(w, r, &in); err != nil {
		return err
	}
	good, err := lifetime(in.Seconds)
	if err != nil {
		return err
	}
	if err := checkNames("paths", in.Names); err != nil {
		return err
	}
	if !plainText(bucket) {
		return noSuchBucket()
	}
	seen := map[string]bool{}
	err = h.as(r.Context(), who, "storage.object.sign_many", func(ctx context.Context, tx pgx.Tx) error {
		rows, err := tx.Query(ctx, h.sql["objects_named"], bucket, in.Names)
		if err != nil {
			return err
		}
		names, err := pgx.CollectRows(rows, pgx.RowTo[string])
		for _, name := range names {
			seen[name] = true
		}
		return err
	})
	if err != nil {
		return known(err, "")
	}
	type entry struct {
		Error *string `json:"error"`
		Path  string  `json:"path"`
		URL   *string `json:"signedURL"`
	}
	list := make([]entry, len(in.Names))
	for i, name := range in.Names {
		list[i].Path = name
		if !seen[name] {
			text := "Either the object does not exist or you do not have access to it"
			list[i].Error = &text
			continue
		}
		link, err := h.signedLink(place{bucket, name}, good)
		if err != nil {
			return err
		}
		list[i].URL = &link
	}
	h.send(w, http.StatusOK, list)
	return nil
}

// serveSigned is GET /object/sign/{bucket}/{key}?token=.
func (h *Handler) serveSigned(w http.ResponseWriter, r *http.Request, at place) error {
	if _, err := h.granted(r, at, scopeDownload); err != nil {
		return err
	}
	o, err := h.objectAs(r.Context(), itself(), "", at)
	if err != nil {
		return err
	}
	return h.sendFile(w, r, o)
}

// signUpload is POST /object/upload/sign/{bucket}/{key}: whoever has the URL may
// upload what the caller may.
func (h *Handler) signUpload(w http.ResponseWriter, r *http.Request, who caller, at place) error {
	if _, err := h.bucketOf(r.Context(), at.bucket); err != nil {
		return err
	}
	if err := checkKey(at.key); err != nil {
		return err
	}
	g := grant{URL: at.bucket + "/" + at.key, Scope: scopeUpload, Owner: who.owner, Upsert: r.Header.Get("X-Upsert") == "true"}
	u := upload{at: at, owner: who.owner, upsert: g.Upsert, operation: "storage.object.sign_upload_url", id: uuid.NewString(), version: uuid.NewString()}
	if err := h.mayUpload(r.Context(), who, u); err != nil {
		return err
	}
	token, err := h.signGrant(g, uploadLifetime)
	if err != nil {
		return err
	}
	h.send(w, http.StatusOK, map[string]string{"url": "/object/upload/sign/" + escaped(g.URL) + "?token=" + token, "token": token})
	return nil
}

// escaped is a name as it stands in a URL that clients parse.
func escaped(name string) string {
	return strings.NewReplacer("?", "%3F", " ", "%20").Replace(name)
}

// uploadSigned is PUT /object/upload/sign/{bucket}/{key}?token=.
func (h *Handler) uploadSigned(w http.ResponseWriter, r *http.Request, at place) error {
	g, err := h.granted(r, at, scopeUpload)
	if err != nil {
		drain(r)
		return err
	}
	if _, err := h.receive(r, itself(), g.Owner, at, g.Upsert); err != nil {
		drain(r)
		return err
	}
	h.send(w, http.StatusOK, map[string]string{"Key": g.URL})
	return nil
}

// A cursor is the number of entries before it.
func writeCursor(n int64) string {
	return base64.RawURLEncoding.EncodeToString(strconv.AppendInt(nil, n, 10))
}

func readCursor(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(string(raw), 10, 32)
}
