<#
.SYNOPSIS
Deploys the signaling server to your AWS account, and prints its URL.

.DESCRIPTION
Checks that Node.js, npm and Terraform are installed, and runs `terraform init` and `terraform apply` in the repository.
It passes its arguments to `terraform apply`. Put values with double quotes into a terraform.tfvars file, because Windows
PowerShell does not pass the quotes on.

.EXAMPLE
.\scripts\deploy.ps1

.EXAMPLE
.\scripts\deploy.ps1 -auto-approve -var stage=dev
#>

# There is no param block, so that -auto-approve and the like are arguments and not parameters of this script.

$ErrorActionPreference = 'Stop'
# Programs tell by their exit code that they failed. It is looked at below, in every version of PowerShell alike.
$PSNativeCommandUseErrorActionPreference = $false

function Confirm-Installed([string] $Name, [string] $Title, [string] $Source) {
    if (-not (Get-Command -Name $Name -CommandType Application -ErrorAction SilentlyContinue)) {
        [Console]::Error.WriteLine("$Title is not installed, or not in the PATH. Install it from $Source")
        exit 1
    }
}

function Confirm-Version([string] $Found, [version] $Needed, [string] $Title, [string] $Source) {
    # 'v22.1.0' is 22.1.0, and a pre-release such as 1.14.0-beta1 counts as its release.
    if ([version] ($Found -replace '^v|-.*$', '') -lt $Needed) {
        [Console]::Error.WriteLine("$Title $Needed or later is needed; found $Found. Install it from $Source")
        exit 1
    }
}

$nodeSource = 'https://nodejs.org/'
$terraformSource = 'https://developer.hashicorp.com/terraform/install'

Confirm-Installed -Name 'node' -Title 'Node.js' -Source $nodeSource
Confirm-Installed -Name 'npm' -Title 'npm' -Source "$nodeSource (it comes with Node.js)"
Confirm-Installed -Name 'terraform' -Title 'Terraform' -Source $terraformSource

$nodeVersion = node --version
Confirm-Version -Found $nodeVersion -Needed '20.15' -Title 'Node.js' -Source $nodeSource
$terraformVersion = (terraform version -json | Out-String | ConvertFrom-Json).terraform_version
Confirm-Version -Found $terraformVersion -Needed '1.9' -Title 'Terraform' -Source $terraformSource

Push-Location -LiteralPath (Split-Path -Parent $PSScriptRoot)
try {
    terraform init
    if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }

    terraform apply @args
    if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }

    $url = terraform output -raw websocket_url
    if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
} finally {
    Pop-Location
}

Write-Host ''
Write-Host "Signaling on $url"
Write-Host ''
Write-Host "Try all of it:       npm run smoke -- $url"
Write-Host "Talk to it yourself: npx wscat -c $url"
