data "aws_iam_policy_document" "trust" {
  statement {
    sid     = "RunAsFunction"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

# The names of roles are global, so this one holds the region. The provider completes it with
# 26 characters: a role that has to be replaced is then created before the old one is destroyed, and the function is never
# without permissions. A role's name has 64 characters.
resource "aws_iam_role" "signaling" {
  name_prefix        = "${trimsuffix(substr(local.name, 0, 36 - length(var.aws_region)), "-")}-${var.aws_region}-"
  description        = "Permissions of the function ${local.name} in ${var.aws_region}"
  assume_role_policy = data.aws_iam_policy_document.trust.json
  path               = var.iam_role_path
  tags               = local.tags

  permissions_boundary = var.permissions_boundary

  lifecycle {
    create_before_destroy = true
  }
}

locals {
  # Only `reject` asks whether a connection is still open.
  connection_arns = [
    for method in var.duplicate_peer_policy == "reject" ? ["POST", "GET", "DELETE"] : ["POST", "DELETE"] :
    "${aws_apigatewayv2_api.signaling.execution_arn}/${var.stage}/${method}/@connections/*"
  ]

  # The names of both secrets, by the service that holds them. Secrets Manager ends every ARN in a hyphen and six random characters.
  secret_names = compact([var.auth_secret_name, var.turn_secret_name])
  parameter_arns = [
    for name in local.secret_names : "${local.arn.ssm}:parameter/${trimprefix(trimprefix(name, "ssm:"), "/")}"
    if startswith(name, "ssm:")
  ]
  secret_arns = [
    for name in local.secret_names : "${local.arn.secretsmanager}:secret:${trimprefix(name, "secretsmanager:")}-??????"
    if startswith(name, "secretsmanager:")
  ]

  in_vpc       = length(var.vpc_subnet_ids) > 0
  network_arns = ["arn:${local.partition}:ec2:${var.aws_region}:${local.account_id}:*/*"]

  # How KMS names the services that may use a key for the function. In China some have that partition's suffix, some not.
  kms_services = {
    for service in ["dynamodb", "secretsmanager", "ssm"] : service => distinct([
      "${service}.${var.aws_region}.amazonaws.com",
      "${service}.${var.aws_region}.${data.aws_partition.current.dns_suffix}",
    ])
  }
}

data "aws_iam_policy_document" "signaling" {
  # By key only. Without Scan no mistake in the code can read the whole table for one message.
  statement {
    sid = "KeepPresence"
    actions = [
      "dynamodb:GetItem",
      "dynamodb:PutItem",
      "dynamodb:UpdateItem",
      "dynamodb:DeleteItem",
      "dynamodb:Query",
    ]
    resources = ["${local.arn.dynamodb}:table/${local.name}"]
  }

  statement {
    sid       = "ReachConnections"
    actions   = ["execute-api:ManageConnections"]
    resources = local.connection_arns
  }

  # No CreateLogGroup: a last invocation after `terraform destroy` would create the group again, unmanaged and for ever.
  statement {
    sid       = "WriteLogs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${local.arn.logs}:log-group:${local.log_group_name}:*"]
  }

  # Lambda puts network interfaces into the subnets in the name of the role. The code itself may not: see the next but one.
  dynamic "statement" {
    for_each = local.in_vpc ? [local.network_arns] : []

    content {
      sid = "KeepNetworkInterfaces"
      actions = [
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:AssignPrivateIpAddresses",
        "ec2:UnassignPrivateIpAddresses",
      ]
      resources = statement.value
    }
  }

  # These two have no resources in IAM.
  dynamic "statement" {
    for_each = local.in_vpc ? ["*"] : []

    content {
      sid       = "FindNetworkInterfaces"
      actions   = ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"]
      resources = [statement.value]
    }
  }

  # https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
  dynamic "statement" {
    for_each = local.in_vpc ? [local.function_arn] : []

    content {
      sid    = "LeaveNetworkToLambda"
      effect = "Deny"
      actions = [
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        "ec2:AssignPrivateIpAddresses",
        "ec2:UnassignPrivateIpAddresses",
      ]
      resources = ["*"]

      condition {
        test     = "ArnEquals"
        variable = "lambda:SourceFunctionArn"
        values   = [statement.value]
      }
    }
  }

  # Neither has resources in IAM.
  dynamic "statement" {
    for_each = var.xray_tracing ? ["*"] : []

    content {
      sid       = "SendTraces"
      actions   = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
      resources = [statement.value]
    }
  }

  dynamic "statement" {
    for_each = length(local.parameter_arns) > 0 ? [local.parameter_arns] : []

    content {
      sid       = "ReadParameters"
      actions   = ["ssm:GetParameter"]
      resources = statement.value
    }
  }

  dynamic "statement" {
    for_each = length(local.secret_arns) > 0 ? [local.secret_arns] : []

    content {
      sid       = "ReadSecrets"
      actions   = ["secretsmanager:GetSecretValue"]
      resources = statement.value
    }
  }

  # The keys may serve others too, so each is allowed for the one thing that this function needs it for.
  dynamic "statement" {
    for_each = var.secrets_kms_key_arn == null ? [] : [var.secrets_kms_key_arn]

    content {
      sid       = "DecryptSecrets"
      actions   = ["kms:Decrypt"]
      resources = [statement.value]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = concat(local.kms_services.ssm, local.kms_services.secretsmanager)
      }
    }
  }

  # DynamoDB uses the table's key in the name of its caller, for writes too: it decrypts the key that the table's data is
  # encrypted under.
  dynamic "statement" {
    for_each = var.kms_key_arn == null ? [] : [var.kms_key_arn]

    content {
      sid       = "DecryptPresence"
      actions   = ["kms:Decrypt"]
      resources = [statement.value]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = local.kms_services.dynamodb
      }

      condition {
        test     = "StringEquals"
        variable = "kms:EncryptionContext:aws:dynamodb:tableName"
        values   = [local.name]
      }
    }
  }

  # Lambda decrypts the environment in the name of the function's role. The grant that it makes for that when the function
  # is made dies with the role, even if a role of the same name follows.
  dynamic "statement" {
    for_each = var.kms_key_arn == null ? [] : [var.kms_key_arn]

    content {
      sid       = "DecryptEnvironment"
      actions   = ["kms:Decrypt"]
      resources = [statement.value]

      condition {
        test     = "StringLike"
        variable = "kms:EncryptionContext:aws:lambda:FunctionArn"
        values   = [local.function_arn, "${local.function_arn}:*"] # a version's ARN has its number
      }
    }
  }
}

# Like the role, made before the old one is destroyed. So it names the table and the log group by their ARNs alone.
resource "aws_iam_role_policy" "signaling" {
  name_prefix = "${local.name}-"
  role        = aws_iam_role.signaling.name
  policy      = data.aws_iam_policy_document.signaling.json

  lifecycle {
    create_before_destroy = true
  }
}
