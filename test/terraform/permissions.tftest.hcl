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

run "lets_the_function_ask_whether_a_peer_is_there_where_the_policy_needs_it" {
  variables {
    duplicate_peer_policy = "reject"
  }

  assert {
    condition = contains(
      one([for statement in data.aws_iam_policy_document.signaling.statement : statement if statement.sid == "ReachConnections"]).resources,
      "arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5/prod/GET/@connections/*",
    )
    error_message = "Without it a second connection can never be refused: nobody knows whether the first is alive."
  }
}

run "lets_the_function_read_the_one_parameter_that_holds_its_secret" {
  variables {
    auth_mode        = "shared_secret"
    auth_secret_name = "ssm:/p2pmesh/tokens"
  }

  assert {
    condition = jsonencode([
      for statement in data.aws_iam_policy_document.signaling.statement : [statement.actions, statement.resources]
      if !contains(["KeepPresence", "ReachConnections", "WriteLogs"], statement.sid)
      ]) == jsonencode([
      [["ssm:GetParameter"], ["arn:aws:ssm:us-east-1:123456789012:parameter/p2pmesh/tokens"]],
    ])
    error_message = "The function may ${jsonencode(data.aws_iam_policy_document.signaling.statement)}."
  }
}

# A parameter outside of any path has one slash in its ARN, and none in its name.
run "finds_a_parameter_without_a_path" {
  variables {
    auth_mode        = "shared_secret"
    auth_secret_name = "ssm:tokens"
  }

  assert {
    condition     = local.parameter_arns == ["arn:aws:ssm:us-east-1:123456789012:parameter/tokens"]
    error_message = "The ARN is ${jsonencode(local.parameter_arns)}."
  }
}

run "lets_the_function_read_a_secret_and_none_whose_name_begins_alike" {
  variables {
    turn_urls        = ["turn:turn.example.com"]
    turn_secret_name = "secretsmanager:p2pmesh/turn"
  }

  assert {
    condition = jsonencode([
      for statement in data.aws_iam_policy_document.signaling.statement : [statement.actions, statement.resources]
      if !contains(["KeepPresence", "ReachConnections", "WriteLogs"], statement.sid)
      ]) == jsonencode([
      [["secretsmanager:GetSecretValue"], ["arn:aws:secretsmanager:us-east-1:123456789012:secret:p2pmesh/turn-??????"]],
    ])
    error_message = "The function may ${jsonencode(data.aws_iam_policy_document.signaling.statement)}."
  }
}

run "lets_the_function_decrypt_secrets_by_way_of_their_store_alone" {
  variables {
    auth_mode           = "shared_secret"
    auth_secret_name    = "ssm:/p2pmesh/tokens"
    secrets_kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000001"
  }

  assert {
    condition = jsonencode([
      for statement in data.aws_iam_policy_document.signaling.statement : {
        actions    = statement.actions
        resources  = statement.resources
        conditions = [for condition in statement.condition : [condition.test, condition.variable, sort(condition.values)]]
      }
      if statement.sid == "DecryptSecrets"
      ]) == jsonencode([{
        actions   = ["kms:Decrypt"]
        resources = ["arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000001"]
        conditions = [
          ["StringEquals", "kms:ViaService", ["secretsmanager.us-east-1.amazonaws.com", "ssm.us-east-1.amazonaws.com"]],
        ]
    }])
    error_message = "The function may ${jsonencode(data.aws_iam_policy_document.signaling.statement)}."
  }
}

run "lets_the_function_decrypt_its_table_and_its_environment_and_nothing_else_under_that_key" {
  variables {
    kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000002"
  }

  assert {
    condition = jsonencode({
      for statement in data.aws_iam_policy_document.signaling.statement : statement.sid => {
        actions    = statement.actions
        resources  = statement.resources
        conditions = { for condition in statement.condition : condition.variable => [condition.test, condition.values] }
      }
      if startswith(statement.sid, "Decrypt")
      }) == jsonencode({
      DecryptPresence = {
        actions   = ["kms:Decrypt"]
        resources = ["arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000002"]
        conditions = {
          "kms:ViaService"                               = ["StringEquals", ["dynamodb.us-east-1.amazonaws.com"]]
          "kms:EncryptionContext:aws:dynamodb:tableName" = ["StringEquals", ["p2pmesh-signaling-prod"]]
        }
      }
      DecryptEnvironment = {
        actions   = ["kms:Decrypt"]
        resources = ["arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000002"]
        conditions = {
          "kms:EncryptionContext:aws:lambda:FunctionArn" = [
            "StringEquals", ["arn:aws:lambda:us-east-1:123456789012:function:p2pmesh-signaling-prod"],
          ]
        }
      }
    })
    error_message = "The function may ${jsonencode(data.aws_iam_policy_document.signaling.statement)}."
  }
}

run "names_services_and_resources_as_their_partition_does" {
  variables {
    aws_region          = "cn-north-1"
    auth_mode           = "shared_secret"
    auth_secret_name    = "secretsmanager:tokens"
    secrets_kms_key_arn = "arn:aws-cn:kms:cn-north-1:123456789012:key/00000000-0000-0000-0000-000000000001"
  }

  override_data {
    target = data.aws_partition.current
    values = { partition = "aws-cn", dns_suffix = "amazonaws.com.cn" }
  }

  assert {
    condition     = local.secret_arns == ["arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:tokens-??????"]
    error_message = "The secret's ARN is ${jsonencode(local.secret_arns)}."
  }

  assert {
    condition     = toset(local.kms_services.ssm) == toset(["ssm.cn-north-1.amazonaws.com", "ssm.cn-north-1.amazonaws.com.cn"])
    error_message = "The services are ${jsonencode(local.kms_services)}."
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
