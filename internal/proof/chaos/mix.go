package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
)

// notes is the number of rows that each user has.
const notes = 20

// mix are the requests that a client sends in turn. Read only.
var mix = []func(c *client, number int) *request{
	(*client).ownRows, (*client).insert, (*client).whoami, (*client).echo,
	(*client).bump, (*client).otherRows, (*client).insertAndSee, (*client).once,
}

// ownRows must give all rows of the user, and none of another.
func (c *client) ownRows(int) *request {
	return &request{
		method: http.MethodGet, path: "/rest/v1/notes?select=*&order=id", status: http.StatusOK,
		right: func(body []byte) error {
			var rows []struct{ Owner, Content string }
			if err := json.Unmarshal(body, &rows); err != nil {
				return err
			}
			if len(rows) != notes {
				return fmt.Errorf("user %d got %d rows, want %d", c.user, len(rows), notes)
			}
			for i, r := range rows {
				if want := userID(c.user) + "/" + strconv.Itoa(i+1); r.Owner != userID(c.user) || r.Content != want {
					return fmt.Errorf("user %d got row %d of %s: %s", c.user, i, r.Owner, r.Content)
				}
			}
			return nil
		},
	}
}

func (c *client) otherRows(int) *request {
	return &request{
		method: http.MethodGet, path: "/rest/v1/notes?select=owner&owner=eq." + userID(c.other), status: http.StatusOK,
		right: exactly(`[]`),
	}
}

func (c *client) whoami(int) *request {
	return &request{
		method: http.MethodGet, path: "/rest/v1/rpc/whoami", status: http.StatusOK,
		right: exactly(strconv.Quote(userID(c.user))),
	}
}

func (c *client) insert(number int) *request {
	id := c.id(number)
	return &request{
		method: http.MethodPost, path: "/rest/v1/ledger", body: `{"id":"` + id + `"}`, prefer: "return=minimal",
		status: http.StatusCreated, id: id, right: exactly(``),
	}
}

func (c *client) insertAndSee(number int) *request {
	r := c.insert(number)
	r.path, r.prefer = "/rest/v1/ledger?select=id,owner", "return=representation"
	r.right = exactly(`[{"id":"` + r.id + `","owner":"` + userID(c.user) + `"}]`)
	return r
}

func (c *client) bump(int) *request {
	return &request{
		method: http.MethodPost, path: "/rest/v1/rpc/bump", body: `{}`, status: http.StatusOK, bump: true,
		right: func(body []byte) error {
			n, err := strconv.ParseInt(string(body), 10, 64)
			if err != nil {
				return err
			}
			return c.acks.counted(n)
		},
	}
}

func (c *client) echo(number int) *request {
	id := c.id(number)
	return &request{
		method: http.MethodGet, path: "/storage/v1/echo/" + id, status: http.StatusOK, right: exactly(`{"echo":"` + id + `"}`),
	}
}

func (c *client) once(number int) *request {
	id := "up" + c.id(number)
	return &request{
		method: http.MethodPost, path: "/functions/v1/once", body: id, status: http.StatusOK, id: id,
		right: exactly(`{"done":"` + id + `"}`),
	}
}

// id is one that nobody else chooses.
func (c *client) id(number int) string { return fmt.Sprintf("%d-%d", c.user, number) }

func exactly(want string) func([]byte) error {
	return func(body []byte) error {
		if got := bytes.TrimSpace(body); string(got) != want {
			return fmt.Errorf("got %.200s, want %s", got, want)
		}
		return nil
	}
}
