# A message's way through this module: the WebSocket API, its routes and its stage are here, the function that answers
# is in function.tf and its code in package.tf, the table that holds the peers is in table.tf, and the function's permissions
# are in iam.tf. domain.tf gives the API a name of yours.

################################################################################
# Names
################################################################################

locals {
  # Every resource carries this one name, so that knowing it is enough to find them all.
  name = "${var.project_name}-${var.stage}"

  default_tags = {
    Project   = var.project_name
    Stage     = var.stage
    ManagedBy = "terraform"
  }
  tags = merge(local.default_tags, var.tags)

  # The ARN of a resource of this account and region, without the resource. Some resources are named by an ARN that is
  # put together from their name: a reference to the resource itself would make Terraform create it before it destroys
  # the one that it replaces (see the deployment below), and AWS refuses a second resource of the same name.
  partition  = data.aws_partition.current.partition
  account_id = split(":", aws_apigatewayv2_api.signaling.execution_arn)[4]
  arn = {
    for service in ["dynamodb", "lambda", "logs", "secretsmanager", "ssm"] : service =>
    "arn:${local.partition}:${service}:${var.aws_region}:${local.account_id}"
  }
  function_arn = "${local.arn.lambda}:function:${local.name}"
  alias_arn    = "${local.function_arn}:${local.alias_name}"
}

data "aws_partition" "current" {}

# The state remembers the deployment that it holds. With another name or region Terraform would replace that deployment,
# or lose sight of it and leave it behind.
resource "terraform_data" "deployment" {
  input = {
    project_name = var.project_name
    stage        = var.stage
    aws_region   = var.aws_region
  }

  lifecycle {
    ignore_changes = [input]

    postcondition {
      condition = (
        self.input.project_name == var.project_name &&
        self.input.stage == var.stage &&
        self.input.aws_region == var.aws_region
      )
      error_message = <<-EOT
        This state holds the deployment "${self.input.project_name}-${self.input.stage}" in ${self.input.aws_region}, and this plan is for "${local.name}" in ${var.aws_region}. One state holds one deployment, so nothing was changed.

        To make another deployment beside it, give that one another state: `terraform workspace new ${var.stage}-${var.aws_region}`, then the same command again.
        To change the deployment that this state holds: -var project_name=${self.input.project_name} -var stage=${self.input.stage} -var aws_region=${self.input.aws_region}
        To move it: `terraform destroy` with those values, then the same command again.
      EOT
    }
  }
}

################################################################################
# WebSocket API
################################################################################

data "aws_region" "current" {}

resource "aws_apigatewayv2_api" "signaling" {
  name                       = local.name
  description                = "WebRTC signaling: peers find each other and swap session descriptions"
  protocol_type              = "WEBSOCKET"
  route_selection_expression = "$request.body.type"
  ip_address_type            = var.ip_address_type
  tags                       = local.tags

  disable_execute_api_endpoint = var.disable_execute_api_endpoint

  # Otherwise the permissions and the routes would name resources of another region.
  lifecycle {
    precondition {
      condition     = data.aws_region.current.id == terraform_data.deployment.input.aws_region
      error_message = "The AWS provider that this module was given works in ${data.aws_region.current.id}, and `aws_region` is ${var.aws_region}. Hand in a provider for ${var.aws_region}, or set `aws_region` to ${data.aws_region.current.id}."
    }
  }
}

################################################################################
# Routes
################################################################################

locals {
  # `$default` takes every other message type, and text that is not JSON. Without it API Gateway answers those itself with
  # "Forbidden". `join` and `signal` have separate routes, so that their metrics and throttles can be told apart.
  function_routes = toset(["$connect", "$disconnect", "join", "signal", "$default"])
}

resource "aws_apigatewayv2_integration" "function" {
  api_id             = aws_apigatewayv2_api.signaling.id
  integration_type   = "AWS_PROXY"
  integration_method = "POST" # Lambda is invoked by POST, even for a message that arrived on a socket
  integration_uri    = "arn:${local.partition}:apigateway:${var.aws_region}:lambda:path/2015-03-31/functions/${local.alias_arn}/invocations"
}

# No route response: the function posts its answers to the connection, like every other frame.
resource "aws_apigatewayv2_route" "function" {
  # checkov:skip=CKV_AWS_309:WebSocket APIs authorize at $connect alone, and there a browser can send no header. The function checks tokens (`auth_mode`).

  for_each = local.function_routes

  api_id    = aws_apigatewayv2_api.signaling.id
  route_key = each.key
  target    = "integrations/${aws_apigatewayv2_integration.function.id}"
}

# API Gateway answers `ping` itself, so a heartbeat costs two messages but no invocation. That takes all five resources
# named ping: without the route response the client hears nothing, without the integration response a MOCK fails.
locals {
  ping_status = "200" # the mock's result, which selects the integration response, and the name of both templates
}

resource "aws_apigatewayv2_integration" "ping" {
  api_id                        = aws_apigatewayv2_api.signaling.id
  integration_type              = "MOCK"
  template_selection_expression = local.ping_status

  # The status as a number: API Gateway takes text for an error.
  request_templates = { (local.ping_status) = jsonencode({ statusCode = tonumber(local.ping_status) }) }
}

resource "aws_apigatewayv2_integration_response" "ping" {
  api_id                        = aws_apigatewayv2_api.signaling.id
  integration_id                = aws_apigatewayv2_integration.ping.id
  integration_response_key      = "/${local.ping_status}/"
  template_selection_expression = local.ping_status

  # Not jsonencode: it would quote the time, and clients expect a number.
  response_templates = { (local.ping_status) = "{\"type\":\"pong\",\"timestamp\":$context.requestTimeEpoch}" }
}

resource "aws_apigatewayv2_route" "ping" {
  # checkov:skip=CKV_AWS_309:WebSocket APIs authorize at $connect alone, and this route tells only the time.

  api_id                              = aws_apigatewayv2_api.signaling.id
  route_key                           = "ping"
  target                              = "integrations/${aws_apigatewayv2_integration.ping.id}"
  route_response_selection_expression = "$default"
}

resource "aws_apigatewayv2_route_response" "ping" {
  api_id             = aws_apigatewayv2_api.signaling.id
  route_id           = aws_apigatewayv2_route.ping.id
  route_response_key = "$default"
}

# A stage serves a snapshot of the routes, so every change of one needs a new deployment. The triggers name each
# resource that is part of the snapshot, by its id and the arguments that can change under that id: whole resources also
# hold values that AWS fills in later, and would deploy a second time for those.
resource "aws_apigatewayv2_deployment" "signaling" {
  api_id = aws_apigatewayv2_api.signaling.id

  triggers = {
    "api.signaling" = jsonencode([
      aws_apigatewayv2_api.signaling.route_selection_expression,
      aws_apigatewayv2_api.signaling.disable_execute_api_endpoint,
    ])
    "integration.function" = jsonencode([
      aws_apigatewayv2_integration.function.id,
      aws_apigatewayv2_integration.function.integration_uri,
    ])
    "route.function" = jsonencode([
      for route in aws_apigatewayv2_route.function : [route.id, route.route_key, route.target]
    ])
    "integration.ping" = jsonencode([
      aws_apigatewayv2_integration.ping.id,
      aws_apigatewayv2_integration.ping.request_templates,
    ])
    "integration_response.ping" = jsonencode([
      aws_apigatewayv2_integration_response.ping.id,
      aws_apigatewayv2_integration_response.ping.integration_response_key,
      aws_apigatewayv2_integration_response.ping.response_templates,
    ])
    "route.ping" = jsonencode([
      aws_apigatewayv2_route.ping.id,
      aws_apigatewayv2_route.ping.route_key,
      aws_apigatewayv2_route.ping.target,
      aws_apigatewayv2_route.ping.route_response_selection_expression,
    ])
    "route_response.ping" = jsonencode([
      aws_apigatewayv2_route_response.ping.id,
      aws_apigatewayv2_route_response.ping.route_response_key,
    ])
  }

  # The stage still serves the old deployment while the new one is made. Terraform gives this setting to everything that
  # the deployment depends on, however indirectly. So none of that may have a name that must be unique: not the function,
  # its log group or its table.
  lifecycle {
    create_before_destroy = true
  }
}

################################################################################
# Stage
################################################################################

locals {
  join_throttling_limit = 200 # a join costs far more than any other frame, and a client needs one per connection
  ping_throttling_limit = 100 # pings never reach the function's own limits; 3,000 peers that ping every 30 s send as many
}

resource "aws_apigatewayv2_stage" "signaling" {
  # checkov:skip=CKV_AWS_76:`create_access_logs` turns them on. They take a role that is set for the whole account and may be another stack's.
  # checkov:skip=CKV2_AWS_51:The certificate would be shown to backends reached by HTTP. Here they are a function, invoked by IAM, and a mock.

  api_id        = aws_apigatewayv2_api.signaling.id
  name          = var.stage
  deployment_id = aws_apigatewayv2_deployment.signaling.id
  tags          = local.tags

  default_route_settings {
    # Both, always: for one that this block leaves out the provider sends 0, and every message is refused.
    throttling_rate_limit  = var.throttling_rate_limit
    throttling_burst_limit = var.throttling_burst_limit

    data_trace_enabled       = false # it would log message bodies: session descriptions, addresses, tokens
    detailed_metrics_enabled = false # billed per route as custom metrics
  }

  # It inherits nothing from the block above, so all four again. `$connect` has no throttle: one that is shared
  # by all clients would let a flood keep honest ones out with fewer attempts, and AWS caps connects per account anyway.
  route_settings {
    route_key = aws_apigatewayv2_route.function["join"].route_key

    throttling_rate_limit = coalesce(
      var.join_throttling_rate_limit, min(local.join_throttling_limit, var.throttling_rate_limit),
    )
    throttling_burst_limit = coalesce(
      var.join_throttling_burst_limit, min(local.join_throttling_limit, var.throttling_burst_limit),
    )

    data_trace_enabled       = false
    detailed_metrics_enabled = false
  }

  # A ping costs two messages, and API Gateway answers it before the function could count it.
  route_settings {
    route_key = aws_apigatewayv2_route.ping.route_key

    throttling_rate_limit  = min(local.ping_throttling_limit, var.throttling_rate_limit)
    throttling_burst_limit = min(2 * local.ping_throttling_limit, var.throttling_burst_limit)

    data_trace_enabled       = false
    detailed_metrics_enabled = false
  }

  dynamic "access_log_settings" {
    for_each = aws_cloudwatch_log_group.access

    content {
      destination_arn = access_log_settings.value.arn
      format          = jsonencode(local.access_log_fields)
    }
  }

  # The routes name the function without a reference to it. This keeps a new stage from serving before the function is
  # there and may be invoked. API Gateway refuses a stage with logs before the account has a role for them.
  depends_on = [aws_lambda_permission.signaling, aws_lambda_permission.live, aws_api_gateway_account.logging]
}
