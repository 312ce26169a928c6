# Access logs of the stage: one line for each connect, frame and disconnect. API Gateway writes them, under a role that is
# set once for the account and region.

locals {
  # No bodies. https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-logging.html
  access_log_fields = merge(
    {
      requestId         = "$context.requestId"
      requestTime       = "$context.requestTime"
      eventType         = "$context.eventType"
      routeKey          = "$context.routeKey"
      connectionId      = "$context.connectionId"
      messageId         = "$context.messageId"
      status            = "$context.status"
      error             = "$context.error.message"
      errorType         = "$context.error.responseType"
      integrationStatus = "$context.integration.status"
      integrationError  = "$context.integration.error"
      latency           = "$context.integrationLatency"
    },
    var.access_log_addresses ? { sourceIp = "$context.identity.sourceIp" } : {},
  )
}

resource "aws_cloudwatch_log_group" "access" {
  # checkov:skip=CKV_AWS_338:`log_retention_days` decides. The lines serve operations and are no record of anyone's actions.

  count = var.create_access_logs ? 1 : 0

  name              = "/aws/apigateway/${local.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = local.tags

  # No data source of the provider reads the account's setting, so the deployer has to say.
  lifecycle {
    precondition {
      condition     = var.manage_account_logging != null
      error_message = "API Gateway writes access logs under a role that is set once for the whole account in ${var.aws_region}, and Terraform cannot see whether there is one. `aws apigateway get-account --region ${var.aws_region} --query cloudwatchRoleArn` prints its ARN: then set `manage_account_logging = false`. If it prints None, set `manage_account_logging = true`, and this deployment makes the role. A role that is missing would fail the apply with \"CloudWatch Logs role ARN must be set in account settings to enable logging\"."
    }
  }
}

################################################################################
# The account's role
################################################################################

data "aws_iam_policy_document" "account_logging_trust" {
  statement {
    sid     = "RunAsApiGateway"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["apigateway.amazonaws.com"]
    }
  }
}

locals {
  makes_account_role = var.manage_account_logging == true
}

resource "aws_iam_role" "account_logging" {
  count = local.makes_account_role ? 1 : 0

  # Begins with the deployment's name, as every resource does: the deployer's policy allows no others.
  name_prefix        = "${trimsuffix(substr("${local.name}-logs", 0, 36 - length(var.aws_region)), "-")}-${var.aws_region}-"
  description        = "Lets every API of API Gateway in ${var.aws_region} write logs"
  assume_role_policy = data.aws_iam_policy_document.account_logging_trust.json
  path               = var.iam_role_path
  tags               = local.tags
}

resource "aws_iam_role_policy_attachment" "account_logging" {
  count = local.makes_account_role ? 1 : 0

  role       = aws_iam_role.account_logging[0].name
  policy_arn = "arn:${local.partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
}

resource "aws_api_gateway_account" "logging" {
  count = local.makes_account_role ? 1 : 0

  cloudwatch_role_arn = aws_iam_role.account_logging[0].arn

  # API Gateway tries the role when it is set.
  depends_on = [aws_iam_role_policy_attachment.account_logging]
}
