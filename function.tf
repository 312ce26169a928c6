################################################################################
# Bundle
################################################################################

locals {
  builds_bundle = var.lambda_package_path == null
  package_path  = local.builds_bundle ? "${path.module}/dist/lambda.zip" : var.lambda_package_path

  # Everything that decides what is in the bundle. Its hash, not the bundle's, says whether to redeploy: Terraform reads
  # files while it plans, when the bundle is not there yet, on a fresh clone, or is still the old one.
  source_files = setunion(
    fileset(path.module, "{lambda,protocol}/**"),
    fileset(path.module, "scripts/build.mjs"),
    fileset(path.module, "{package,package-lock,tsconfig*}.json"),
  )
  source_hashes = { for file in local.source_files : file => filesha256("${path.module}/${file}") }

  # A package that is handed in may be missing. Then the precondition of the function says so, not the hash function.
  package_exists = local.builds_bundle ? true : try(fileexists(local.package_path), false)
  package_hash = (
    local.builds_bundle ? base64sha256(jsonencode(local.source_hashes)) :
    local.package_exists ? filebase64sha256(local.package_path) : null
  )
}

resource "terraform_data" "bundle" {
  count = local.builds_bundle ? 1 : 0

  # With the function's name: a new name makes a new function, whose code must be there on a clone that never built.
  triggers_replace = {
    function_name = local.name
    sources_hash  = local.package_hash
  }

  # One program and its argument, so that both sh and cmd can run it.
  provisioner "local-exec" {
    command     = "node scripts/build.mjs"
    working_dir = path.module
  }
}

################################################################################
# Logs
################################################################################

# Made before the function and owned here, so that the lines expire and `terraform destroy` leaves none behind.
resource "aws_cloudwatch_log_group" "signaling" {
  # checkov:skip=CKV_AWS_338:`log_retention_days` decides. The lines serve operations and are no record of what anybody did.

  name              = "/aws/lambda/${local.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

################################################################################
# Function
################################################################################

locals {
  # From the API's id, never from an event: behind a custom domain the event's domain name does not answer @connections.
  # And from var.stage, not from the stage, which depends on the routes and so on the function.
  callback_endpoint = coalesce(
    var.callback_endpoint,
    "https://${aws_apigatewayv2_api.signaling.id}.execute-api.${var.aws_region}.${data.aws_partition.current.dns_suffix}/${var.stage}",
  )

  # The environment has no null.
  auth_secret_name = var.auth_secret_name == null ? "" : var.auth_secret_name
  turn_secret_name = var.turn_secret_name == null ? "" : var.turn_secret_name
  jwt_issuer       = var.jwt_issuer == null ? "" : var.jwt_issuer
  jwt_jwks_url = (
    var.jwt_jwks_url != null ? var.jwt_jwks_url :
    var.jwt_issuer != null ? "${trimsuffix(var.jwt_issuer, "/")}/.well-known/jwks.json" : ""
  )
}

resource "aws_lambda_function" "signaling" {
  # checkov:skip=CKV_AWS_50:Traces are billed and would show one call after another to one table. The lines of the log name their request.
  # checkov:skip=CKV_AWS_116:API Gateway waits for every invocation. A dead letter queue gets only what nobody waits for.
  # checkov:skip=CKV_AWS_117:It calls public endpoints of AWS and nothing private. In a VPC it would need a way out, and gain nothing.
  # checkov:skip=CKV_AWS_272:A signing profile is the account's to make. What runs is built from these sources, byte for byte the same.

  function_name = local.name
  description   = "Answers the WebSocket API ${local.name}"
  role          = aws_iam_role.signaling.arn

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
    application_log_level = upper(var.log_level)
    system_log_level      = "WARN" # below it Lambda writes two lines for every message
  }

  # Names of secrets and never their values: these are in the state, and in what `get-function-configuration` shows.
  environment {
    variables = {
      TABLE_NAME            = aws_dynamodb_table.connections.name
      CALLBACK_ENDPOINT     = local.callback_endpoint
      NEAREST_PEERS         = var.nearest_peers
      FAR_PEERS             = var.far_peers
      DUPLICATE_PEER_POLICY = var.duplicate_peer_policy
      ALLOWED_ORIGINS       = join(",", var.allowed_origins)
      ALLOW_MISSING_ORIGIN  = var.allow_missing_origin
      AUTH_MODE             = var.auth_mode
      AUTH_AT_CONNECT       = var.auth_at_connect
      AUTH_CLAIMS_REQUIRED  = var.auth_claims_required
      AUTH_PEER_ID_CLAIM    = var.auth_peer_id_claim
      AUTH_ROOMS_CLAIM      = var.auth_rooms_claim
      AUTH_SECRET_NAME      = local.auth_secret_name
      JWT_ISSUER            = local.jwt_issuer
      JWT_AUDIENCE          = join(",", var.jwt_audience)
      JWT_JWKS_URL          = local.jwt_jwks_url
      CLIENT_RATE_LIMIT     = var.client_rate_limit
      CLIENT_BURST_LIMIT    = var.client_burst_limit
      JOIN_DEADLINE_SECONDS = var.join_deadline_seconds
      STUN_URLS             = join(",", var.stun_urls)
      TURN_URLS             = join(",", var.turn_urls)
      TURN_SECRET_NAME      = local.turn_secret_name
      LOG_LEVEL             = var.log_level
    }
  }
  kms_key_arn = var.kms_key_arn

  lifecycle {
    precondition {
      condition     = local.package_exists
      error_message = "`lambda_package_path` is the path of a zip file that exists; got \"${local.package_path}\". Run `node scripts/build.mjs`, which writes dist/lambda.zip, or leave the variable out and `terraform apply` builds it."
    }
  }

  # The policy too: the function must not take a message that it is not yet allowed to handle.
  depends_on = [terraform_data.bundle, aws_iam_role_policy.signaling]
}

resource "aws_lambda_permission" "signaling" {
  statement_id  = "InvokeFromWebSocketApi"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.signaling.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.signaling.execution_arn}/${var.stage}/*" # any route of this stage
}
