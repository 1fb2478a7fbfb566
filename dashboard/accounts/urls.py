"""Signing in and out, organizations, members and keys."""

from __future__ import annotations

from django.urls import path

from dashboard.accounts.views import keys, members, organizations, passwords, signing_in

urlpatterns = [
    path("sign-in", signing_in.sign_in, name="sign-in"),
    path("sign-out", signing_in.sign_out, name="sign-out"),
    path("password", passwords.password, name="password"),
    path("organizations/switch", organizations.switch, name="switch-organization"),
    path("settings/members", members.members, name="members"),
    path("settings/members/add", members.add, name="member-add"),
    path("settings/members/<uuid:pk>/roles", members.roles, name="member-roles"),
    path("settings/members/<uuid:pk>/password", members.password, name="member-password"),
    path("settings/members/<uuid:pk>/remove", members.remove, name="member-remove"),
    path("settings/keys", keys.keys, name="api-keys"),
    path("settings/keys/create", keys.create, name="api-key-create"),
    path("settings/keys/<uuid:pk>/revoke", keys.revoke, name="api-key-revoke"),
]
