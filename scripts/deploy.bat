@echo off
rem Deploys the signaling server to your AWS account, and prints its URL.
rem
rem Checks that Node.js, npm and Terraform are there, and runs `terraform init` and `terraform apply` in the repository.
rem Arguments are passed on to `terraform apply`:
rem
rem   scripts\deploy.bat -auto-approve -var stage=dev

setlocal EnableExtensions DisableDelayedExpansion
set "NODE_SOURCE=https://nodejs.org/"
set "TERRAFORM_SOURCE=https://developer.hashicorp.com/terraform/install"

where /q node
if errorlevel 1 (
  >&2 echo Node.js is not installed, or not in the PATH. Install it from %NODE_SOURCE%
  exit /b 1
)
where /q npm
if errorlevel 1 (
  >&2 echo npm is not installed, or not in the PATH. It comes with Node.js: install that from %NODE_SOURCE%
  exit /b 1
)
where /q terraform
if errorlevel 1 (
  >&2 echo Terraform is not installed, or not in the PATH. Install it from %TERRAFORM_SOURCE%
  exit /b 1
)

node -e "const v = process.versions.node.split('.').map(Number); process.exit(v[0] > 20 || (v[0] === 20 && v[1] >= 15) ? 0 : 1)"
if errorlevel 1 (
  >&2 echo Node.js 20.15 or later is needed. Install it from %NODE_SOURCE%
  exit /b 1
)
node -e "const v = JSON.parse(require('child_process').execFileSync('terraform', ['version', '-json'])).terraform_version.split('.').map(parseFloat); process.exit(v[0] > 1 || (v[0] === 1 && v[1] >= 9) ? 0 : 1)"
if errorlevel 1 (
  >&2 echo Terraform 1.9 or later is needed. Install it from %TERRAFORM_SOURCE%
  exit /b 1
)

rem pushd also takes a network share, which cd does not.
pushd "%~dp0.." || exit /b 1

terraform init || goto :failed
terraform apply %* || goto :failed

set "WEBSOCKET_URL="
for /f "delims=" %%u in ('terraform output -raw websocket_url') do set "WEBSOCKET_URL=%%u"
if not defined WEBSOCKET_URL goto :failed
popd

echo.
echo Signaling on %WEBSOCKET_URL%
echo.
echo Try all of it:       npm run smoke -- %WEBSOCKET_URL%
echo Talk to it yourself: npx wscat -c %WEBSOCKET_URL%
exit /b 0

:failed
set "EXIT_CODE=%errorlevel%"
if "%EXIT_CODE%"=="0" set "EXIT_CODE=1"
popd
exit /b %EXIT_CODE%
