# Which message goes where, and that a change of it is deployed.

mock_provider "aws" {
  source = "./test/terraform/fixtures"
}

variables {
  lambda_package_path = "test/terraform/fixtures/lambda.zip"
}

run "selects_the_route_by_the_type_of_the_message" {
  command = plan

  assert {
    condition = (
      aws_apigatewayv2_api.signaling.protocol_type == "WEBSOCKET" &&
      aws_apigatewayv2_api.signaling.route_selection_expression == "$request.body.type"
    )
    error_message = "Routes are selected by ${aws_apigatewayv2_api.signaling.route_selection_expression}."
  }
}

run "sends_everything_but_ping_to_the_function" {
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
      aws_apigatewayv2_integration.function.integration_uri == aws_lambda_function.signaling.invoke_arn
    )
    error_message = "The integration is to invoke the function."
  }
}

run "answers_ping_without_the_function" {
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
}

run "gives_the_time_in_a_pong_as_a_number" {
  command = plan

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
}

run "serves_the_deployment" {
  assert {
    condition     = aws_apigatewayv2_stage.signaling.deployment_id == aws_apigatewayv2_deployment.signaling.id
    error_message = "A deployment that no stage refers to is never served."
  }
}

run "deploys_again_when_any_route_is_made_anew" {
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
}

# The run above knows the resources of today. One that is added and forgotten in the triggers would exist and never be
# served, so this one reads the configuration itself.
run "deploys_again_for_every_resource_that_a_stage_takes_a_snapshot_of" {
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
}
