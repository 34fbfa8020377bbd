package dashboard

import (
	"context"
	"net/url"
)

// reviewers are the permissions of which one shows everybody's rights.
func reviewers() []string { return []string{"roles:read", "roles:grant"} }

func accessBlocks() []maker {
	return []maker{
		{id: "review", title: "Who has which permissions", about: "By profiles.role and by roles that have not expired; by address.", every: seldom, wide: true, make: review},
	}
}

// review is the list that somebody confirms to have looked through.
func review(ctx context.Context, v *visit, b *block) error {
	rows, err := v.get(ctx, "/rpc/get_access_review", url.Values{})
	if err != nil {
		return err
	}
	b.Table, b.Open = &table{Columns: columns("Who", "Role", "Permissions", "By", "Since", "Given by", "Until", "Last active")}, true
	for _, r := range rows {
		b.Table.Rows = append(b.Table.Rows, []cell{
			{Text: cmpOr(r.text("email"), shown(r.text("user_id"))), Raw: cmpOr(r.text("email"), r.text("user_id"))},
			txt(r.text("role")), txt(r.text("permissions")), txt(r.text("source")), v.at(r, "granted_at"),
			txt(cmpOr(r.text("granted_by_email"), r.text("granted_by"))), v.at(r, "expires_at"), v.at(r, "last_used"),
		})
	}
	b.Forms = []form{{Act: "review", Label: "Confirm the review", Hidden: map[string]string{"back": "access"}, Fields: []input{
		{Name: "note", Label: "Note", Kind: "text"},
	}}}
	return nil
}
