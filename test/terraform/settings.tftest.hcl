# The way of each setting into the resources, and the permissions that the function gets with it. A mocked provider renders no policy documents, so
# these look at the documents' arguments.

mock_provider "aws" {
  source = "./test/terraform/fixtures"
}

variables {
  lambda_package_path = "test/terraform/fixtures/lambda.zip"
}

run "hands_on_everything_that_is_set" {
  variables {
    ip_address_type              = "dualstack"
    nearest_peers                = 8
    far_peers                    = 0
    duplicate_peer_policy        = "reject"
    allowed_origins              = ["https://app.example.com", "https://*.example.org", "http://localhost:8080"]
    allow_missing_origin         = false
    log_level                    = "warn"
    metrics                      = "off"
    auth_mode                    = "jwt"
    auth_at_connect              = true
    auth_claims_required         = false
    auth_max_token_seconds       = 86400
    auth_peer_id_claim           = ""
    auth_rooms_claim             = "https://example.com/rooms"
    jwt_issuer                   = "https://id.example.com/tenant/"
    jwt_audience                 = ["mesh", "https://mesh.example.com"]
    client_rate_limit            = 5
    client_burst_limit           = 50
    source_rate_limit            = 0
    source_burst_limit           = 1000
    join_deadline_seconds        = 15
    join_throttling_rate_limit   = 20
    join_throttling_burst_limit  = 10
    stun_urls                    = ["stun:stun.example.com", "stun:192.0.2.1:3478"]
    turn_urls                    = ["turn:turn.example.com:3478?transport=udp", "turns:[2001:db8::1]:443"]
    turn_credential_seconds      = 900
    turn_secret_name             = "secretsmanager:p2pmesh/turn"
    table_deletion_protection    = true
    table_point_in_time_recovery = true
    kms_key_arn                  = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000002"
    tags                         = { ManagedBy = "the platform team", Team = "realtime" }
  }

  assert {
    condition = aws_lambda_function.signaling_server.environment[0].variables == tomap({
      TABLE_NAME              = "p2pmesh-signaling-prod"
      CALLBACK_ENDPOINT       = "https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com/prod"
      NEAREST_PEERS           = "8"
      FAR_PEERS               = "0"
      DUPLICATE_PEER_POLICY   = "reject"
      ALLOWED_ORIGINS         = "https://app.example.com,https://*.example.org,http://localhost:8080"
      ALLOW_MISSING_ORIGIN    = "false"
      AUTH_MODE               = "jwt"
      AUTH_AT_CONNECT         = "true"
      AUTH_CLAIMS_REQUIRED    = "false"
      AUTH_MAX_TOKEN_SECONDS  = "86400"
      AUTH_PEER_ID_CLAIM      = ""
      AUTH_ROOMS_CLAIM        = "https://example.com/rooms"
      AUTH_SECRET_NAME        = ""
      JWT_ISSUER              = "https://id.example.com/tenant/"
      JWT_AUDIENCE            = "mesh,https://mesh.example.com"
      JWT_JWKS_URL            = "https://id.example.com/tenant/.well-known/jwks.json"
      CLIENT_RATE_LIMIT       = "5"
      CLIENT_BURST_LIMIT      = "50"
      SOURCE_RATE_LIMIT       = "0"
      SOURCE_BURST_LIMIT      = "1000"
      SOURCE_KEY              = terraform_data.source_key.output
      JOIN_DEADLINE_SECONDS   = "15"
      STUN_URLS               = "stun:stun.example.com,stun:192.0.2.1:3478"
      TURN_URLS               = "turn:turn.example.com:3478?transport=udp,turns:[2001:db8::1]:443"
      TURN_CREDENTIAL_SECONDS = "900"
      TURN_SECRET_NAME        = "secretsmanager:p2pmesh/turn"
      LOG_LEVEL               = "warn"
      METRICS                 = "off"
      SERVICE                 = "p2pmesh-signaling"
      STAGE                   = "prod"
    })
    error_message = "The environment is ${jsonencode(aws_lambda_function.signaling_server.environment[0].variables)}."
  }

  assert {
    condition     = aws_lambda_function.signaling_server.logging_config[0].application_log_level == "WARN"
    error_message = "Lambda's own filter is to follow `log_level`."
  }

  assert {
    condition     = aws_apigatewayv2_api.signaling.ip_address_type == "dualstack"
    error_message = "The API is reached by ${aws_apigatewayv2_api.signaling.ip_address_type}."
  }

  assert {
    condition = (
      one([for route in aws_apigatewayv2_stage.signaling.route_settings : route if route.route_key == "join"]).throttling_rate_limit == 20 &&
      one([for route in aws_apigatewayv2_stage.signaling.route_settings : route if route.route_key == "join"]).throttling_burst_limit == 10
    )
    error_message = "The routes' settings are ${jsonencode(aws_apigatewayv2_stage.signaling.route_settings)}."
  }

  assert {
    condition = toset([
      aws_dynamodb_table.connections.server_side_encryption[0].kms_key_arn,
      aws_cloudwatch_log_group.signaling.kms_key_id,
      aws_lambda_function.signaling_server.kms_key_arn,
    ]) == toset([var.kms_key_arn])
    error_message = "The key does not arrive everywhere."
  }

  assert {
    condition = (
      aws_dynamodb_table.connections.server_side_encryption[0].enabled && # a key that is not enabled is not used
      aws_dynamodb_table.connections.deletion_protection_enabled &&
      aws_dynamodb_table.connections.point_in_time_recovery[0].enabled
    )
    error_message = "The table is not encrypted under the key, not protected or not backed up."
  }

  assert {
    condition = tomap(local.tags) == tomap({
      Project   = "p2pmesh-signaling"
      Stage     = "prod"
      ManagedBy = "the platform team"
      Team      = "realtime"
    })
    error_message = "The tags are ${jsonencode(local.tags)}."
  }

  # `reject` asks whether the first connection is still open.
  assert {
    condition = contains(
      one([for statement in data.aws_iam_policy_document.signaling.statement : statement if statement.sid == "ReachConnections"]).resources,
      "arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5/prod/GET/@connections/*",
    )
    error_message = "Without it a second connection can never be refused: the function cannot see whether the first is alive."
  }

  # One secret, and none that has a longer name. The table's key for the table, the environment's for the environment.
  assert {
    condition = jsonencode({
      for statement in data.aws_iam_policy_document.signaling.statement : statement.sid => {
        actions    = statement.actions
        resources  = statement.resources
        conditions = { for condition in coalesce(statement.condition, []) : condition.variable => [condition.test, condition.values] }
      }
      if !contains(["KeepPresence", "ReachConnections", "WriteLogs"], statement.sid)
      }) == jsonencode({
      ReadSecrets = {
        actions    = ["secretsmanager:GetSecretValue"]
        resources  = ["arn:aws:secretsmanager:us-east-1:123456789012:secret:p2pmesh/turn-??????"]
        conditions = {}
      }
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
            "StringLike", [
              "arn:aws:lambda:us-east-1:123456789012:function:p2pmesh-signaling-prod",
              "arn:aws:lambda:us-east-1:123456789012:function:p2pmesh-signaling-prod:*",
            ],
          ]
        }
      }
    })
    error_message = "The function may ${jsonencode(data.aws_iam_policy_document.signaling.statement)}."
  }
}

# A parameter outside of any path has one slash in its ARN, and none in its name.
run "reads_its_secrets_from_parameters" {
  variables {
    auth_mode              = "shared_secret"
    auth_secret_name       = "ssm:/p2pmesh/tokens"
    turn_urls              = ["turn:turn.example.com"]
    turn_secret_name       = "ssm:turn"
    secrets_kms_key_arn    = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000001"
    callback_endpoint      = "http://localhost:4566/_aws/execute-api/a1b2c3d4e5/prod"
    throttling_rate_limit  = 100
    throttling_burst_limit = 50
  }

  assert {
    condition = (
      aws_lambda_function.signaling_server.environment[0].variables.AUTH_MODE == "shared_secret" &&
      aws_lambda_function.signaling_server.environment[0].variables.AUTH_SECRET_NAME == "ssm:/p2pmesh/tokens"
    )
    error_message = "The environment is ${jsonencode(aws_lambda_function.signaling_server.environment[0].variables)}."
  }

  assert {
    condition = jsonencode({
      for statement in data.aws_iam_policy_document.signaling.statement : statement.sid => {
        actions    = statement.actions
        resources  = sort(statement.resources)
        conditions = [for condition in coalesce(statement.condition, []) : [condition.test, condition.variable, sort(condition.values)]]
      }
      if !contains(["KeepPresence", "ReachConnections", "WriteLogs"], statement.sid)
      }) == jsonencode({
      ReadParameters = {
        actions = ["ssm:GetParameter"]
        resources = [
          "arn:aws:ssm:us-east-1:123456789012:parameter/p2pmesh/tokens", "arn:aws:ssm:us-east-1:123456789012:parameter/turn",
        ]
        conditions = []
      }
      DecryptSecrets = {
        actions   = ["kms:Decrypt"]
        resources = ["arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000001"]
        conditions = [
          ["StringEquals", "kms:ViaService", ["secretsmanager.us-east-1.amazonaws.com", "ssm.us-east-1.amazonaws.com"]],
        ]
      }
    })
    error_message = "The function may ${jsonencode(data.aws_iam_policy_document.signaling.statement)}."
  }

  assert {
    condition = toset([output.callback_endpoint, aws_lambda_function.signaling_server.environment[0].variables.CALLBACK_ENDPOINT]) == toset([
      "http://localhost:4566/_aws/execute-api/a1b2c3d4e5/prod",
    ])
    error_message = "callback_endpoint is ${output.callback_endpoint}."
  }

  # The throttle of joins goes down with the stage's.
  assert {
    condition = (
      one([for route in aws_apigatewayv2_stage.signaling.route_settings : route if route.route_key == "join"]).throttling_rate_limit == 100 &&
      one([for route in aws_apigatewayv2_stage.signaling.route_settings : route if route.route_key == "join"]).throttling_burst_limit == 50
    )
    error_message = "The routes' settings are ${jsonencode(aws_apigatewayv2_stage.signaling.route_settings)}."
  }
}

# A warning: `terraform apply` goes on. In a test it counts as a failure.
run "warns_of_relays_that_are_open_to_strangers" {
  command = plan

  variables {
    turn_urls        = ["turn:turn.example.com"]
    turn_secret_name = "ssm:/p2pmesh/turn"
  }

  expect_failures = [check.turn_needs_tokens]
}
