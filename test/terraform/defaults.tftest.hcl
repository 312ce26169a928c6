# What `terraform apply` deploys when nothing is set. One run with all assertions: each run starts the provider.

mock_provider "aws" {
  source = "./test/terraform/fixtures"
}

variables {
  lambda_package_path = "test/terraform/fixtures/lambda.zip"
}

run "deploys_with_nothing_set" {
  # names everything after project and stage
  assert {
    condition = toset([
      aws_apigatewayv2_api.signaling.name,
      aws_dynamodb_table.connections.name,
      aws_lambda_function.signaling_server.function_name,
    ]) == toset(["p2pmesh-signaling-prod"])
    error_message = "API, table and function are to have the same name."
  }

  # Names of roles are global: the region keeps two deployments apart.
  assert {
    condition     = aws_iam_role.signaling.name_prefix == "p2pmesh-signaling-prod-us-east-1-"
    error_message = "The role's name begins with ${aws_iam_role.signaling.name_prefix}."
  }

  assert {
    condition     = aws_cloudwatch_log_group.signaling.name == "/aws/lambda/p2pmesh-signaling-prod"
    error_message = "The log group is ${aws_cloudwatch_log_group.signaling.name}."
  }

  assert {
    condition     = tomap(local.tags) == tomap({ Project = "p2pmesh-signaling", Stage = "prod", ManagedBy = "terraform" })
    error_message = "The tags are ${jsonencode(local.tags)}."
  }

  # runs a small arm64 function on node 22
  assert {
    condition = (
      aws_lambda_function.signaling_server.runtime == "nodejs22.x" &&
      aws_lambda_function.signaling_server.handler == "index.handler" &&
      aws_lambda_function.signaling_server.architectures == tolist(["arm64"]) &&
      aws_lambda_function.signaling_server.memory_size == 512 &&
      aws_lambda_function.signaling_server.timeout == 30 &&
      aws_lambda_function.signaling_server.reserved_concurrent_executions == -1
    )
    error_message = "Runtime, handler, architecture, memory, timeout or concurrency differ."
  }

  # logs as json into its own group for 30 days
  assert {
    condition = (
      aws_lambda_function.signaling_server.logging_config[0].log_group == aws_cloudwatch_log_group.signaling.name &&
      aws_lambda_function.signaling_server.logging_config[0].log_format == "JSON" &&
      aws_lambda_function.signaling_server.logging_config[0].application_log_level == "INFO" &&
      aws_lambda_function.signaling_server.logging_config[0].system_log_level == "WARN"
    )
    error_message = "The logging is ${jsonencode(aws_lambda_function.signaling_server.logging_config)}."
  }

  assert {
    condition     = aws_cloudwatch_log_group.signaling.retention_in_days == 30
    error_message = "Lines are kept for ${aws_cloudwatch_log_group.signaling.retention_in_days} days."
  }

  # always throttles the stage and never traces bodies
  assert {
    condition = (
      aws_apigatewayv2_stage.signaling.name == "prod" &&
      aws_apigatewayv2_stage.signaling.default_route_settings[0].throttling_rate_limit == 1000 &&
      aws_apigatewayv2_stage.signaling.default_route_settings[0].throttling_burst_limit == 500 &&
      aws_apigatewayv2_stage.signaling.default_route_settings[0].data_trace_enabled == false &&
      aws_apigatewayv2_stage.signaling.default_route_settings[0].detailed_metrics_enabled == false
    )
    error_message = "The stage's settings are ${jsonencode(aws_apigatewayv2_stage.signaling.default_route_settings)}."
  }

  # A setting that a route's block leaves out is 0 or false, and not the stage's: every join would be refused.
  assert {
    condition = jsonencode({ for route in aws_apigatewayv2_stage.signaling.route_settings : route.route_key => {
      rate   = route.throttling_rate_limit
      burst  = route.throttling_burst_limit
      traces = route.data_trace_enabled
      meters = route.detailed_metrics_enabled
      } }) == jsonencode({
      join = { rate = 200, burst = 200, traces = false, meters = false }
      ping = { rate = 100, burst = 200, traces = false, meters = false }
    })
    error_message = "The routes' settings are ${jsonencode(aws_apigatewayv2_stage.signaling.route_settings)}."
  }

  # keeps presence in an on demand table that forgets
  assert {
    condition = (
      aws_dynamodb_table.connections.billing_mode == "PAY_PER_REQUEST" &&
      aws_dynamodb_table.connections.hash_key == "pk" &&
      aws_dynamodb_table.connections.range_key == "sk" &&
      { for attribute in aws_dynamodb_table.connections.attribute : attribute.name => attribute.type } == { pk = "S", sk = "S" } &&
      aws_dynamodb_table.connections.ttl[0].attribute_name == "expiresAt" &&
      aws_dynamodb_table.connections.ttl[0].enabled
    )
    error_message = "The table's keys, billing or TTL differ."
  }

  assert {
    condition     = length(coalesce(aws_dynamodb_table.connections.global_secondary_index, [])) == 0
    error_message = "An index is eventually consistent and would miss a peer that has just joined."
  }

  # turns on nothing that was not asked for
  # Each of these costs money or stands in the way of `terraform destroy`.
  assert {
    condition = (
      !aws_dynamodb_table.connections.deletion_protection_enabled &&
      !aws_dynamodb_table.connections.point_in_time_recovery[0].enabled &&
      !aws_dynamodb_table.connections.server_side_encryption[0].enabled
    )
    error_message = "The table is protected, backed up or under a key of the account."
  }

  assert {
    condition     = aws_cloudwatch_log_group.signaling.kms_key_id == null && aws_lambda_function.signaling_server.kms_key_arn == null
    error_message = "The log group or the function is under a key of the account."
  }

  # tells the function all it needs and nothing else
  assert {
    condition = aws_lambda_function.signaling_server.environment[0].variables == tomap({
      TABLE_NAME              = "p2pmesh-signaling-prod"
      CALLBACK_ENDPOINT       = "https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com/prod"
      NEAREST_PEERS           = "5"
      FAR_PEERS               = "3"
      DUPLICATE_PEER_POLICY   = "replace"
      ALLOWED_ORIGINS         = "*"
      ALLOW_MISSING_ORIGIN    = "true"
      AUTH_MODE               = "none"
      AUTH_AT_CONNECT         = "false"
      AUTH_MAX_TOKEN_SECONDS  = "0"
      AUTH_PEER_ID_CLAIM      = "sub"
      AUTH_ROOMS_CLAIM        = "rooms"
      AUTH_CLAIMS_REQUIRED    = "true"
      AUTH_SECRET_NAME        = ""
      JWT_ISSUER              = ""
      JWT_AUDIENCE            = ""
      JWT_JWKS_URL            = ""
      CLIENT_RATE_LIMIT       = "20"
      CLIENT_BURST_LIMIT      = "200"
      SOURCE_RATE_LIMIT       = "2"
      SOURCE_BURST_LIMIT      = "600"
      SOURCE_KEY              = terraform_data.source_key.output
      JOIN_DEADLINE_SECONDS   = "60"
      STUN_URLS               = ""
      TURN_URLS               = ""
      TURN_CREDENTIAL_SECONDS = "3600"
      TURN_SECRET_NAME        = ""
      LOG_LEVEL               = "info"
      METRICS                 = "sampled"
      SERVICE                 = "p2pmesh-signaling"
      STAGE                   = "prod"
    })
    error_message = "The environment is ${jsonencode(aws_lambda_function.signaling_server.environment[0].variables)}."
  }

  # gives a wss url
  assert {
    condition = toset([output.websocket_url, output.execute_api_url]) == toset([
      "wss://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com/prod",
    ])
    error_message = "websocket_url is ${output.websocket_url}."
  }

  # names what one looks for next
  assert {
    condition = jsonencode([
      output.lambda_function_name, output.lambda_log_group_name, output.connections_table_name, output.api_id,
      ]) == jsonencode([
      "p2pmesh-signaling-prod", "/aws/lambda/p2pmesh-signaling-prod", "p2pmesh-signaling-prod", "a1b2c3d4e5",
    ])
    error_message = "The names differ from the ones that the README tells users to paste."
  }

  # selects the route by the type of the message
  assert {
    condition = (
      aws_apigatewayv2_api.signaling.protocol_type == "WEBSOCKET" &&
      aws_apigatewayv2_api.signaling.route_selection_expression == "$request.body.type"
    )
    error_message = "Routes are selected by ${aws_apigatewayv2_api.signaling.route_selection_expression}."
  }

  # sends everything but ping to the function
  assert {
    condition = toset([for route in aws_apigatewayv2_route.function : route.route_key]) == toset([
      "$connect", "$disconnect", "join", "signal", "$default",
    ])
    error_message = "The function's routes are ${jsonencode(keys(aws_apigatewayv2_route.function))}."
  }

  assert {
    condition = alltrue([
      for route in aws_apigatewayv2_route.function : route.target == "integrations/${aws_apigatewayv2_integration.function.id}"
    ])
    error_message = "Every route of the function is to have the one integration as its target."
  }

  assert {
    condition = (
      aws_apigatewayv2_integration.function.integration_type == "AWS_PROXY" &&
      aws_apigatewayv2_integration.function.integration_method == "POST" &&
      aws_apigatewayv2_integration.function.integration_uri == "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:p2pmesh-signaling-prod:live/invocations"
    )
    error_message = "The integration is to invoke the function."
  }

  # answers ping without the function
  assert {
    condition = (
      aws_apigatewayv2_route.ping.route_key == "ping" &&
      aws_apigatewayv2_route.ping.target == "integrations/${aws_apigatewayv2_integration.ping.id}" &&
      aws_apigatewayv2_integration.ping.integration_type == "MOCK" &&
      aws_apigatewayv2_integration.ping.integration_uri == null
    )
    error_message = "`ping` is to go to a MOCK integration."
  }

  assert {
    condition = (
      aws_apigatewayv2_integration.ping.request_templates[aws_apigatewayv2_integration.ping.template_selection_expression] == "{\"statusCode\":200}" &&
      aws_apigatewayv2_integration_response.ping.integration_id == aws_apigatewayv2_integration.ping.id &&
      aws_apigatewayv2_integration_response.ping.integration_response_key == "/200/" &&
      aws_apigatewayv2_route.ping.route_response_selection_expression == "$default" &&
      aws_apigatewayv2_route_response.ping.route_id == aws_apigatewayv2_route.ping.id &&
      aws_apigatewayv2_route_response.ping.route_response_key == "$default"
    )
    error_message = "A link between the `ping` frame and its `pong` is missing."
  }

  # gives the time in a pong as a number
  assert {
    condition = (
      aws_apigatewayv2_integration_response.ping.response_templates[aws_apigatewayv2_integration_response.ping.template_selection_expression] ==
      "{\"type\":\"pong\",\"timestamp\":$context.requestTimeEpoch}"
    )
    error_message = "The template is ${jsonencode(aws_apigatewayv2_integration_response.ping.response_templates)}."
  }

  # What API Gateway makes of it.
  assert {
    condition = jsondecode(replace(
      aws_apigatewayv2_integration_response.ping.response_templates["200"], "$context.requestTimeEpoch", "1700000000000",
    )).timestamp == 1700000000000
    error_message = "A `pong` is to be JSON with a number in it."
  }

  # serves the deployment
  assert {
    condition     = aws_apigatewayv2_stage.signaling.deployment_id == aws_apigatewayv2_deployment.signaling.id
    error_message = "A deployment that no stage refers to is never served."
  }

  # deploys again when any route is replaced
  assert {
    condition = alltrue([
      for id in concat(
        [for route in aws_apigatewayv2_route.function : route.id],
        [
          aws_apigatewayv2_integration.function.id,
          aws_apigatewayv2_integration.ping.id,
          aws_apigatewayv2_integration_response.ping.id,
          aws_apigatewayv2_route.ping.id,
          aws_apigatewayv2_route_response.ping.id,
        ],
      ) : strcontains(jsonencode(aws_apigatewayv2_deployment.signaling.triggers), id)
    ])
    error_message = "The triggers of the deployment are ${jsonencode(aws_apigatewayv2_deployment.signaling.triggers)}."
  }

  # deploys again for every resource that a stage takes a snapshot of
  # The run above knows the resources of today. One that is added and forgotten in the triggers would exist and never be
  # served, so this one reads the configuration itself.
  assert {
    condition = length(setsubtract(
      [
        for resource in regexall(
          "resource \"aws_apigatewayv2_(api|authorizer|integration|integration_response|model|route|route_response)\" \"([a-z_]+)\"",
          join("\n", [for file in fileset(".", "*.tf") : file(file)]),
        ) : join(".", resource)
      ],
      keys(aws_apigatewayv2_deployment.signaling.triggers),
    )) == 0
    error_message = "The triggers name ${join(", ", keys(aws_apigatewayv2_deployment.signaling.triggers))} only."
  }

  # lets the function do three things to its own resources
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
    error_message = "Every statement is to allow the actions that it lists."
  }

  assert {
    condition = (
      aws_iam_role_policy.signaling.policy == data.aws_iam_policy_document.signaling.json &&
      aws_iam_role_policy.signaling.role == aws_iam_role.signaling.name &&
      aws_lambda_function.signaling_server.role == aws_iam_role.signaling.arn
    )
    error_message = "The function is to run under the role that has this policy."
  }

  # lets lambda alone take the role
  assert {
    condition = (
      length(data.aws_iam_policy_document.trust.statement) == 1 &&
      data.aws_iam_policy_document.trust.statement[0].actions == toset(["sts:AssumeRole"]) &&
      jsonencode([for principal in data.aws_iam_policy_document.trust.statement[0].principals : [principal.type, principal.identifiers]]) ==
      jsonencode([["Service", ["lambda.amazonaws.com"]]])
    )
    error_message = "The role may be taken by ${jsonencode(data.aws_iam_policy_document.trust.statement[*].principals)}."
  }

  # lets this api and stage alone invoke the function, and the alias that the API names
  assert {
    condition = alltrue([
      for permission in [aws_lambda_permission.signaling, aws_lambda_permission.live] : (
        permission.function_name == "p2pmesh-signaling-prod" &&
        permission.action == "lambda:InvokeFunction" &&
        permission.principal == "apigateway.amazonaws.com" &&
        permission.source_arn == "arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5/prod/*"
      )
      ]) && aws_lambda_permission.live.qualifier == "live" && (
      aws_lambda_permission.signaling.qualifier == null || aws_lambda_permission.signaling.qualifier == ""
    )
    error_message = "The permissions are for ${aws_lambda_permission.live.principal} from ${aws_lambda_permission.live.source_arn}."
  }

  # serves the newest version, and no other is kept ready
  assert {
    condition = (
      aws_lambda_function.signaling_server.publish && aws_lambda_alias.live.name == "live" &&
      aws_lambda_alias.live.function_version == aws_lambda_function.signaling_server.version &&
      output.lambda_served_version == aws_lambda_function.signaling_server.version
    )
    error_message = "The alias serves version ${aws_lambda_alias.live.function_version}."
  }

  # makes nothing in other services that was not asked for
  assert {
    condition = alltrue([
      for resources in [
        aws_acm_certificate.signaling, aws_apigatewayv2_domain_name.signaling, aws_apigatewayv2_api_mapping.signaling,
        aws_route53_record.validation, values(aws_route53_record.domain), aws_s3_bucket.artifacts, aws_s3_object.package,
        aws_lambda_provisioned_concurrency_config.live, aws_lambda_function.signaling_server.vpc_config,
      ] : length(resources) == 0
      ]) && (
      aws_lambda_function.signaling_server.tracing_config[0].mode == "PassThrough" &&
      aws_iam_role.signaling.path == "/" && aws_iam_role.signaling.permissions_boundary == null &&
      !aws_apigatewayv2_api.signaling.disable_execute_api_endpoint &&
      output.domain_target == null && output.artifact_bucket_name == null
    )
    error_message = "A domain, a bucket, a network or traces exist though nobody asked for them."
  }
}
