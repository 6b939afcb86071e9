"""The README's quick start of fastapi-authlib-keycloak 0.3.6, run beside ours.

As published it does not start; each change that it needs is marked FIX with the reason, everything
else is as its authors wrote it. Settings come from the environment, the port from the command line.
"""

import logging
import os
import sys

import uvicorn
from fastapi import Depends, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from fastapi_authlib_keycloak import (
    AuthError,
    KeycloakBuilder,
    KeycloakDiagnosticResult,
    KeycloakManager,
    KeycloakUser,
    require_roles,
)

# FIX: `manager.get_current_user` of the README does not exist; the dependency is a function.
from fastapi_authlib_keycloak.dependencies import get_current_user

# FIX: `manager.get_middleware()` returns nothing; the class is added directly.
from fastapi_authlib_keycloak.middleware import AuthMiddleware
from pydantic import BaseModel

logging.basicConfig(level=logging.WARNING)

keycloak_manager: KeycloakManager = (
    KeycloakBuilder()
    .with_server_url(os.environ["KEYCLOAK_SERVER_URL"])
    .with_realm(os.environ["KEYCLOAK_REALM"])
    .with_client_id(os.environ["KEYCLOAK_CLIENT_ID"])
    .with_client_secret(os.environ["KEYCLOAK_CLIENT_SECRET"])
    .enable_token_refresh()
    .with_openapi_security_scheme(
        # FIX: the README passes `scheme_name=`; the parameter is called `name`.
        name="KeycloakAuth (Implicit Flow)",
        scopes={"openid": "OpenID", "profile": "Profile", "email": "Email"},
    )
    .build()
)

app = FastAPI(title="Keycloak Protected API")
# FIX: "/" among the public paths makes every path public (it is taken as a prefix), so that
# `/admin` fails with `not_authenticated` even with a token; the root is left out here.
app.add_middleware(
    AuthMiddleware,
    manager=keycloak_manager,
    public_paths={"/docs", "/openapi.json", "/health/keycloak", "/token/refresh"},
)


@app.exception_handler(AuthError)
async def auth_error_handler(request, exc: AuthError):
    return JSONResponse(status_code=exc.status_code, content=exc.detail)


def custom_openapi():
    if app.openapi_schema:
        return app.openapi_schema
    app.openapi_schema = get_openapi(title=app.title, version="1.0.0", routes=app.routes)
    return app.openapi_schema


app.openapi = custom_openapi


@app.get("/")
async def root():
    return {"message": "Public root"}


@app.get("/users/me", response_model=KeycloakUser)
async def get_me(user: KeycloakUser = Depends(get_current_user)):
    return user


@app.get("/admin", dependencies=[Depends(require_roles(["admin"]))])
async def admin_only(user: KeycloakUser = Depends(get_current_user)):
    return {"message": "Admin access", "user": user.username}


class RefreshRequest(BaseModel):
    refresh_token: str


@app.post("/token/refresh")
async def refresh(req: RefreshRequest):
    try:
        return await keycloak_manager.refresh_token(req.refresh_token)
    except AuthError as e:
        # FIX: the README passes the two arguments the other way round.
        return JSONResponse(status_code=e.status_code, content=e.detail)


@app.get("/health/keycloak", response_model=KeycloakDiagnosticResult)
async def keycloak_health():
    return await keycloak_manager.run_diagnostics()


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
