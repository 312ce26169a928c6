# Who may do what. A mocked provider renders no policy documents, so these look at what goes into them.

mock_provider "aws" {
  source = "./test/terraform/fixtures"
}

variables {
  lambda_package_path = "test/terraform/fixtures/lambda.zip"
}

run "lets_the_function_do_three_things_to_its_own_resources" {
  assert {
    condition = jsonencode({
      for statement in data.aws_iam_policy_document.signaling.statement : statement.sid => {
        actions   = sort(statement.actions)
        resources = sort(statement.resources)
      }
      }) == jsonencode({
      KeepPresence = {
        actions = [
          "dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem",
        ]
        resources = ["arn:aws:dynamodb:us-east-1:123456789012:table/p2pmesh-signaling-prod"]
      }
      ReachConnections = {
        actions = ["execute-api:ManageConnections"]
        resources = [
          "arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5/prod/DELETE/@connections/*",
          "arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5/prod/GET/@connections/*",
          "arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5/prod/POST/@connections/*",
        ]
      }
      WriteLogs = {
        actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        resources = ["arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/p2pmesh-signaling-prod:*"]
      }
    })
    error_message = "The function may ${jsonencode(data.aws_iam_policy_document.signaling.statement)}."
  }

  # Neither a denial that was meant to be a grant nor a grant of everything but.
  assert {
    condition = alltrue([
      for statement in data.aws_iam_policy_document.signaling.statement :
      coalesce(statement.effect, "Allow") == "Allow" && statement.not_actions == null && statement.not_resources == null
    ])
    error_message = "Every statement is to allow what it lists."
  }

  assert {
    condition = (
      aws_iam_role_policy.signaling.policy == data.aws_iam_policy_document.signaling.json &&
      aws_iam_role_policy.signaling.role == aws_iam_role.signaling.name &&
      aws_lambda_function.signaling.role == aws_iam_role.signaling.arn
    )
    error_message = "The function is to run under the role that has this policy."
  }
}

run "lets_lambda_alone_take_the_role" {
  assert {
    condition = (
      length(data.aws_iam_policy_document.trust.statement) == 1 &&
      data.aws_iam_policy_document.trust.statement[0].actions == toset(["sts:AssumeRole"]) &&
      jsonencode([for principal in data.aws_iam_policy_document.trust.statement[0].principals : [principal.type, principal.identifiers]]) ==
      jsonencode([["Service", ["lambda.amazonaws.com"]]])
    )
    error_message = "The role may be taken by ${jsonencode(data.aws_iam_policy_document.trust.statement[*].principals)}."
  }
}

run "lets_this_api_and_stage_alone_invoke_the_function" {
  assert {
    condition = (
      aws_lambda_permission.signaling.function_name == "p2pmesh-signaling-prod" &&
      aws_lambda_permission.signaling.action == "lambda:InvokeFunction" &&
      aws_lambda_permission.signaling.principal == "apigateway.amazonaws.com" &&
      aws_lambda_permission.signaling.source_arn == "arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5/prod/*"
    )
    error_message = "The permission is for ${aws_lambda_permission.signaling.principal} from ${aws_lambda_permission.signaling.source_arn}."
  }
}
