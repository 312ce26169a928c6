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

resource "aws_iam_role" "signaling" {
  name               = local.name
  description        = "What the function ${local.name} may do"
  assume_role_policy = data.aws_iam_policy_document.trust.json
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
    resources = [aws_dynamodb_table.connections.arn]
  }

  statement {
    sid     = "ReachConnections"
    actions = ["execute-api:ManageConnections"]
    resources = [
      "${aws_apigatewayv2_api.signaling.execution_arn}/${var.stage}/POST/@connections/*",
      "${aws_apigatewayv2_api.signaling.execution_arn}/${var.stage}/GET/@connections/*",
      "${aws_apigatewayv2_api.signaling.execution_arn}/${var.stage}/DELETE/@connections/*",
    ]
  }

  # No CreateLogGroup: a last invocation after `terraform destroy` would make the group anew, unmanaged and for ever.
  statement {
    sid       = "WriteLogs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.signaling.arn}:*"]
  }
}

resource "aws_iam_role_policy" "signaling" {
  name   = local.name
  role   = aws_iam_role.signaling.name
  policy = data.aws_iam_policy_document.signaling.json
}
