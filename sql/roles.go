package sql

import _ "embed" // the directives below

// Statements of romashka roles, see their headers. Read only.
//
//go:embed roles/list.sql
var RolesList string

// RolesShow shows a role, or the roles of a user.
//
//go:embed roles/show.sql
var RolesShow string

// RolesGrant gives a user a role.
//
//go:embed roles/grant.sql
var RolesGrant string

// RolesRevoke takes it.
//
//go:embed roles/revoke.sql
var RolesRevoke string

// RolesGranters counts who may grant roles without an end.
//
//go:embed roles/granters.sql
var RolesGranters string
