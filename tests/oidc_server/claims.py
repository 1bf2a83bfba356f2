"""What the provider says about a person: its users' fields, read in a way that the tests can set."""

from typing import Any

from oauth2_provider.oauth2_validators import OAuth2Validator


class Claims(OAuth2Validator):
    """`first_name` holds how somebody signed in (amr, "-" for not said); `last_name` "unconfirmed" is what it says."""

    oidc_claim_scope = None

    def get_additional_claims(self, request: Any) -> dict[str, Any]:
        user = request.user
        claims: dict[str, Any] = {}
        if user.email:
            claims |= {"email": user.email, "email_verified": user.last_name != "unconfirmed"}
        if user.first_name:
            claims["amr"] = user.first_name.split()
        return claims
