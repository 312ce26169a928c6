################################################################################
# Bundle
################################################################################

locals {
  builds_bundle = var.lambda_package_path == null
  package_path  = local.builds_bundle ? "${local.root}/dist/lambda.zip" : var.lambda_package_path

  # Everything that shapes the bundle: the sources, the build, and the packages that are not for development alone. The
  # hash of these, not the bundle's own, says whether to redeploy: Terraform reads files while it plans, and then the
  # bundle may be missing or old. scripts/build.mjs makes the same hash from the same files. Files that start with a dot
  # belong to editors and file managers.
  source_files = [
    for file in setunion(
      fileset(local.root, "{lambda,protocol}/**/*.{ts,json}"),
      ["scripts/build.mjs", "tsconfig.json"],
    ) : file if !startswith(basename(file), ".")
  ]
  source_lines = concat(
    [for file in local.source_files : "${file} ${filesha256("${local.root}/${file}")}"],
    [
      for package, lock in jsondecode(file("${local.root}/package-lock.json")).packages :
      "${package} ${lock.version} ${lock.integrity}" if package != "" && !try(lock.dev, false)
    ],
  )
  sources_hash = sha256(join("\n", sort(local.source_lines)))

  # The build notes beside the zip which sources it was made from, and the zip's own hash: neither an old zip nor a file
  # that something else put in its place is taken for the bundle. Read once, before the build: newer versions of
  # Terraform refuse a function that reads one file twice with different results.
  bundle_note = "${local.root}/dist/lambda.zip.json"
  bundle_is_fresh = try(
    jsondecode(file(local.bundle_note)).sources == local.sources_hash &&
    jsondecode(file(local.bundle_note)).zip == filesha256(local.package_path),
    false,
  )

  # A package that is handed in may be missing. Then the precondition of the function says so, not the hash function.
  package_exists = local.builds_bundle ? true : try(fileexists(local.package_path), false)
  package_hash = (
    local.builds_bundle ? local.sources_hash :
    local.package_exists ? filebase64sha256(local.package_path) : null
  )

  # The hash that Lambda has to report for its code. For a bundle that is yet to be built it is known after the build, and
  # null if the bundle is missing although nothing is to be built, as in `terraform plan -refresh-only`.
  package_sha256 = try(
    filebase64sha256("${local.package_path}${substr(join("", terraform_data.bundle[*].id), 0, 0)}"),
    null,
  )
}

resource "terraform_data" "bundle" {
  count = local.builds_bundle ? 1 : 0

  # The bundle is built when the sources changed, and when this machine does not have it: a function that must be created
  # again needs it, even if the sources are the same. `timestamp` makes the value unknown until the apply, which plans a
  # build; of its text nothing is taken, so that the next plan finds no change.
  triggers_replace = {
    sources_hash = local.bundle_is_fresh ? local.sources_hash : "${local.sources_hash}${substr(timestamp(), 0, 0)}"
  }

  # One program and its argument, so that both sh and cmd can run it.
  provisioner "local-exec" {
    command     = "node scripts/build.mjs"
    working_dir = local.root
  }
}

################################################################################
# Logs
################################################################################

locals {
  log_group_name = "/aws/lambda/${local.name}"
}

# Made before the function and owned here, so that the lines expire and `terraform destroy` leaves none behind.
resource "aws_cloudwatch_log_group" "signaling" {
  # checkov:skip=CKV_AWS_338:`log_retention_days` decides. The lines serve operations and are no record of anyone's actions.

  name              = local.log_group_name
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = local.tags
}

################################################################################
# Function
################################################################################

locals {
  # From the API's id, never from an event: behind a custom domain the event's domain name does not answer @connections.
  # And from var.stage, not from the stage, which depends on the function.
  callback_endpoint = coalesce(
    var.callback_endpoint,
    format(local.execute_api_url, aws_apigatewayv2_api.signaling.id),
  )
  execute_api_url = "https://%s.execute-api.${var.aws_region}.${data.aws_partition.current.dns_suffix}/${var.stage}"

  # The environment has no null.
  auth_secret_name = var.auth_secret_name == null ? "" : var.auth_secret_name
  turn_secret_name = var.turn_secret_name == null ? "" : var.turn_secret_name
  jwt_issuer       = var.jwt_issuer == null ? "" : var.jwt_issuer
  jwt_jwks_url = (
    var.jwt_jwks_url != null ? var.jwt_jwks_url :
    var.jwt_issuer != null ? "${trimsuffix(var.jwt_issuer, "/")}/.well-known/jwks.json" : ""
  )

  # Names of secrets and never their values: these are in the state, and `get-function-configuration` shows them.
  environment = {
    TABLE_NAME              = aws_dynamodb_table.connections.name
    CALLBACK_ENDPOINT       = local.callback_endpoint
    NEAREST_PEERS           = tostring(var.nearest_peers)
    FAR_PEERS               = tostring(var.far_peers)
    DUPLICATE_PEER_POLICY   = var.duplicate_peer_policy
    ALLOWED_ORIGINS         = join(",", var.allowed_origins)
    ALLOW_MISSING_ORIGIN    = tostring(var.allow_missing_origin)
    AUTH_MODE               = var.auth_mode
    AUTH_AT_CONNECT         = tostring(var.auth_at_connect)
    AUTH_CLAIMS_REQUIRED    = tostring(var.auth_claims_required)
    AUTH_MAX_TOKEN_SECONDS  = tostring(var.auth_max_token_seconds)
    AUTH_PEER_ID_CLAIM      = var.auth_peer_id_claim
    AUTH_ROOMS_CLAIM        = var.auth_rooms_claim
    AUTH_SECRET_NAME        = local.auth_secret_name
    JWT_ISSUER              = local.jwt_issuer
    JWT_AUDIENCE            = join(",", var.jwt_audience)
    JWT_JWKS_URL            = local.jwt_jwks_url
    CLIENT_RATE_LIMIT       = tostring(var.client_rate_limit)
    CLIENT_BURST_LIMIT      = tostring(var.client_burst_limit)
    SOURCE_RATE_LIMIT       = tostring(var.source_rate_limit)
    SOURCE_BURST_LIMIT      = tostring(var.source_burst_limit)
    SOURCE_KEY              = terraform_data.source_key.output
    JOIN_DEADLINE_SECONDS   = tostring(var.join_deadline_seconds)
    STUN_URLS               = join(",", var.stun_urls)
    TURN_URLS               = join(",", var.turn_urls)
    TURN_CREDENTIAL_SECONDS = tostring(var.turn_credential_seconds)
    TURN_SECRET_NAME        = local.turn_secret_name
    LOG_LEVEL               = var.log_level
    METRICS                 = var.metrics
    SERVICE                 = var.project_name
    STAGE                   = var.stage
  }

  # The reports of traffic that CloudWatch makes metrics of are lines at the level INFO, and Lambda drops those below its
  # own level. The function itself drops what is below `log_level`.
  application_log_level = var.metrics != "off" && var.log_level != "debug" ? "INFO" : upper(var.log_level)

  # Lambda measures the JSON of the environment in bytes. The id of an API has ten characters and is not known before the
  # API is there, so the plan measures with a made-up one. Only base64 tells how many bytes a text has: four characters
  # for every three, less one for each "=" at its end. `jsonencode` writes <, > and & longer than Lambda does.
  environment_limit_bytes = 4096
  environment_json = replace(replace(replace(
    jsonencode(merge(local.environment, {
      CALLBACK_ENDPOINT = coalesce(var.callback_endpoint, format(local.execute_api_url, "a1b2c3d4e5"))
      SOURCE_KEY        = "00000000-0000-0000-0000-000000000000"
    })), "\\u003c", "<"), "\\u003e", ">"), "\\u0026", "&",
  )
  environment_base64 = base64encode(local.environment_json)
  environment_bytes  = length(local.environment_base64) / 4 * 3 - length(regexall("=", local.environment_base64))
}

# The function stores no address, but a hash of it under this key. Readers of the table cannot undo the hash. Readers of the
# state or of the function's environment could, and they may as well turn on API Gateway's own logs.
resource "terraform_data" "source_key" {
  input = uuid()

  lifecycle {
    ignore_changes = [input]
  }
}

resource "aws_lambda_function" "signaling_server" {
  # checkov:skip=CKV_AWS_50:Traces are billed and would show one call after another to one table. The lines of the log name their request.
  # checkov:skip=CKV_AWS_116:API Gateway waits for every invocation. A dead letter queue gets only asynchronous invocations.
  # checkov:skip=CKV_AWS_117:It calls public endpoints of AWS and nothing private. In a VPC it would need a way out, and gain nothing.
  # checkov:skip=CKV_AWS_272:A signing profile is the account's to make. The code that runs is built from these sources, byte for byte the same.

  function_name = local.name
  description   = "Answers the WebSocket API ${local.name}"
  role          = aws_iam_role.signaling.arn
  tags          = local.tags

  filename         = local.package_path
  source_code_hash = local.package_hash
  handler          = "index.handler"
  runtime          = var.lambda_runtime
  architectures    = ["arm64"] # costs 20 % less than x86_64, and plain JavaScript runs on either

  timeout                        = var.lambda_timeout
  memory_size                    = var.lambda_memory_size
  reserved_concurrent_executions = var.lambda_reserved_concurrency

  logging_config {
    log_group             = aws_cloudwatch_log_group.signaling.name
    log_format            = "JSON" # levels apply to this format only
    application_log_level = local.application_log_level
    system_log_level      = "WARN" # below it Lambda writes two lines for every message
  }

  environment {
    variables = local.environment
  }
  kms_key_arn = var.kms_key_arn

  lifecycle {
    precondition {
      condition     = local.package_exists
      error_message = "`lambda_package_path` is the path of a zip file that exists; got \"${local.package_path}\". Run `node scripts/build.mjs`, which writes dist/lambda.zip, or leave the variable out and `terraform apply` builds it."
    }

    # https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
    precondition {
      condition     = local.environment_bytes <= local.environment_limit_bytes
      error_message = "The function's settings take ${local.environment_bytes} bytes, and Lambda allows ${local.environment_limit_bytes} for all of them together. The longest lists are usually `allowed_origins` (${length(join(",", var.allowed_origins))} characters), `turn_urls`, `stun_urls` and `jwt_audience`: shorten them, for instance by \"https://*.example.com\" for many subdomains."
    }

    # Version 5 of the provider records new code as deployed even if Lambda refused it, and later plans find no change.
    # The provider does not know the time of the last change while it plans to change the code: then this waits until the
    # apply.
    postcondition {
      condition = (
        self.last_modified == "" || self.code_sha256 == null || # its creation failed, and that is an error already
        local.package_sha256 == null || self.code_sha256 == local.package_sha256
      )
      error_message = "Lambda runs other code than this configuration's: an update of the code failed, or someone else changed it. `terraform apply -replace=aws_lambda_function.signaling_server` puts the right code there. Connections stay open during these seconds, and frames are answered with an error."
    }
  }

  # The policy too: the function must not take a message that it is not yet allowed to handle.
  depends_on = [terraform_data.bundle, aws_iam_role_policy.signaling]
}

resource "aws_lambda_permission" "signaling" {
  statement_id  = "InvokeFromWebSocketApi"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.signaling_server.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.signaling.execution_arn}/${var.stage}/*" # any route of this stage

  # Lambda deletes the permission with the function. The name of a new function is the same, its ARN is known only later.
  lifecycle {
    replace_triggered_by = [aws_lambda_function.signaling_server.arn]
  }
}

moved {
  from = aws_lambda_function.signaling
  to   = aws_lambda_function.signaling_server
}
