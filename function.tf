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
  alias_name = "live"

  # From the API's id, never from an event: behind a custom domain the event's domain name with the stage does not answer
  # @connections. And from var.stage, not from the stage, which depends on the function. An API whose own endpoint is off
  # is reached by its domain alone, which stands for API and stage.
  callback_endpoint = coalesce(
    var.callback_endpoint,
    local.domain_callback_endpoint,
    format(local.execute_api_url, aws_apigatewayv2_api.signaling.id),
  )
  domain_callback_endpoint = var.disable_execute_api_endpoint && var.domain_name != null ? "https://${var.domain_name}" : null
  execute_api_url          = "https://%s.execute-api.${var.aws_region}.${data.aws_partition.current.dns_suffix}/${var.stage}"

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
      CALLBACK_ENDPOINT = coalesce(
        var.callback_endpoint, local.domain_callback_endpoint, format(local.execute_api_url, "a1b2c3d4e5"),
      )
      SOURCE_KEY = "00000000-0000-0000-0000-000000000000"
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
  # checkov:skip=CKV_AWS_50:`xray_tracing` turns it on. Traces are billed, and the lines of the log name their request.
  # checkov:skip=CKV_AWS_116:API Gateway waits for every invocation. A dead letter queue gets only asynchronous invocations.
  # checkov:skip=CKV_AWS_117:`vpc_subnet_ids` does it. It calls public endpoints of AWS and nothing private: in a VPC it needs a NAT, and gains nothing.
  # checkov:skip=CKV_AWS_272:A signing profile is the account's to make. The code that runs is built from these sources, byte for byte the same.

  function_name = local.name
  description   = "Answers the WebSocket API ${local.name}, release ${terraform_data.release.id}"
  role          = aws_iam_role.signaling.arn
  tags          = local.tags

  # Either the file itself, or one version of an object in the bucket.
  filename          = local.uses_bucket ? null : local.package_path
  s3_bucket         = one(aws_s3_object.package[*].bucket)
  s3_key            = one(aws_s3_object.package[*].key)
  s3_object_version = one(aws_s3_object.package[*].version_id)
  source_code_hash  = local.package_hash

  # Every change of code or settings becomes a version, which never changes afterwards. The alias serves one of them.
  publish       = true
  handler       = "index.handler"
  runtime       = var.lambda_runtime
  architectures = ["arm64"] # costs 20 % less than x86_64, and plain JavaScript runs on either

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

  tracing_config {
    mode = var.xray_tracing ? "Active" : "PassThrough"
  }

  dynamic "vpc_config" {
    for_each = local.in_vpc ? [var.vpc_subnet_ids] : []

    content {
      subnet_ids         = vpc_config.value
      security_group_ids = var.vpc_security_group_ids
    }
  }

  lifecycle {
    precondition {
      condition     = local.package_exists
      error_message = "`lambda_package_path` is the path of a zip file that exists; got \"${local.package_path}\". Run `node scripts/build.mjs`, which writes dist/lambda.zip, or leave the variable out and `terraform apply` builds it."
    }

    precondition {
      condition     = var.lambda_package_sha256 == null || !local.package_exists ? true : filesha256(local.package_path) == lower(var.lambda_package_sha256)
      error_message = "The file ${local.package_path} is not the one that `lambda_package_sha256` names: its SHA-256 is ${try(filesha256(local.package_path), "unknown")}. Download it again, and compare it with the hash that was published with the release."
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

################################################################################
# Versions
################################################################################

# The API invokes this alias. So a deploy is one step, for code and settings together, and a roll-back is a number.
resource "aws_lambda_alias" "live" {
  name             = local.alias_name
  description      = "The version that answers ${local.name}"
  function_name    = aws_lambda_function.signaling_server.function_name
  function_version = coalesce(var.function_version, aws_lambda_function.signaling_server.version)

  # Lambda deletes the alias with the function.
  lifecycle {
    replace_triggered_by = [aws_lambda_function.signaling_server.arn]
  }
}

# Another id is a change of the function's settings, which publishes a version: `terraform apply -replace=terraform_data.release`.
resource "terraform_data" "release" {}

# If Lambda took a change and then failed to publish it, the alias is where it was, and the plan is clean.
data "aws_lambda_function" "served" {
  function_name = aws_lambda_alias.live.function_name
  qualifier     = aws_lambda_alias.live.function_version

  lifecycle {
    postcondition {
      condition = var.function_version != null || (
        self.code_sha256 == aws_lambda_function.signaling_server.code_sha256 &&
        try(self.environment[0].variables, tomap(local.environment)) == tomap(local.environment)
      )
      error_message = "Clients are served by version ${self.version}, which has other code or settings than this configuration: Lambda could not publish the new version. `terraform apply -replace=terraform_data.release` publishes it."
    }
  }
}

check "newest_version_is_served" {
  assert {
    condition     = var.function_version == null ? true : var.function_version == aws_lambda_function.signaling_server.version
    error_message = "`function_version` holds clients at version ${coalesce(var.function_version, "-")}, and the newest one is ${aws_lambda_function.signaling_server.version}. Leave it out to serve the newest."
  }
}

resource "aws_lambda_provisioned_concurrency_config" "live" {
  count = var.lambda_provisioned_concurrency > 0 ? 1 : 0

  function_name                     = aws_lambda_alias.live.function_name
  qualifier                         = aws_lambda_alias.live.name
  provisioned_concurrent_executions = var.lambda_provisioned_concurrency

  lifecycle {
    replace_triggered_by = [aws_lambda_alias.live.arn]
  }
}

################################################################################
# Invocation
################################################################################

# For deployments of the API that were made before there was an alias: they invoke the function itself until the stage
# serves the next one.
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

resource "aws_lambda_permission" "live" {
  statement_id  = "InvokeAliasFromWebSocketApi"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_alias.live.function_name
  qualifier     = aws_lambda_alias.live.name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.signaling.execution_arn}/${var.stage}/*"

  lifecycle {
    replace_triggered_by = [aws_lambda_alias.live.arn]
  }
}

moved {
  from = aws_lambda_function.signaling
  to   = aws_lambda_function.signaling_server
}
