from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from dashboard.accounts.errors import AccountError
from dashboard.accounts.models import Membership, Organization, User
from dashboard.accounts.services.members import remove_member
from dashboard.events.recording import SYSTEM
from tests.cast import JoinAs


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_leave_at_once_leave_one(northwind: Organization, joins: JoinAs) -> None:
    owners = [joins(northwind, f"owner{n}@northwind.example", "owner").user for n in range(2)]
    together = Barrier(2)

    def leaves(user: User) -> bool:
        try:
            together.wait()
            remove_member(organization=northwind, actor=SYSTEM, user_id=user.pk)
        except AccountError:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(leaves, owners)) == [False, True]
    assert Membership.objects.count() == 1
